/**
 * The shapes that the map's modules hand to one another. Nothing runs here.
 *
 * @typedef {object} Style            one look; colours are names of CSS custom properties
 * @property {string|null} line
 * @property {number} width_px
 * @property {number[]} dash
 * @property {string|null} fill
 * @property {number} fill_opacity
 * @property {'gap'|'missing'|null} hatch
 * @property {'circle'|'plus'|'times'|'house'|'square'|'triangle'|'diamond'|'ring'|'star'|'hexagon'|'flag'|'bubble'|'horn'|null} symbol
 * @property {number} size_px
 * @property {string|null} casing     edge on both sides of a line
 * @property {number} grow            a line widens by 2**grow with each zoom nearer than 15
 *
 * @typedef {object} StyleClass       features that look alike; neither values nor a range means all the rest
 * @property {string} title
 * @property {Style} style
 * @property {Array<string|null>} values
 * @property {number|null} [low]      numbers from here
 * @property {number|null} [high]     up to, not including, this
 * @property {number|null} [count]    how many in the whole district, where that is known
 *
 * @typedef {object} LayerConfig      one collection as a layer, lowest first
 * @property {string} id
 * @property {string} title
 * @property {string} group
 * @property {'area'|'line'|'point'} shape
 * @property {string} url             with {z}, {x}, {y}
 * @property {string} version         of the data behind it
 * @property {boolean} isJoint        its tiles may come together with those of others
 * @property {string} key             the property that names a feature
 * @property {string|null} by         the property that chooses the class
 * @property {string|null} markedBy   the property that chooses the mark around a point
 * @property {boolean} isOn
 * @property {number} fromZoom
 * @property {[number, number]|null} labelZooms
 * @property {boolean} canSelect
 * @property {boolean} overlaps
 * @property {boolean} isFrame        its lines lie over everything that is not a point
 * @property {boolean} isListed
 * @property {number} crowd           more dots than this in view are gathered until the zoom is near enough
 * @property {number} [thinPx]        from afar one dot is drawn for each square of so many pixels
 * @property {number} sample          number of the class that stands for the layer in lists
 * @property {StyleClass[]} classes
 * @property {StyleClass[]} marks
 *
 * @typedef {object} Config
 * @property {LayerConfig[]} layers
 * @property {Array<{id: string, title: string}>} groups   of the list of layers, in its order
 * @property {[number, number, number, number]|null} bounds   west, south, east, north of the district
 * @property {number} deepestTiles
 * @property {string|null} [jointUrl]  tiles of several collections, with {ids}, {z}, {x}, {y}
 * @property {string} whereUrl
 * @property {string} searchUrl
 * @property {string} listUrl         ends where the id of a collection follows
 * @property {string} exportUrl       likewise
 * @property {string|null} countsUrl  null for those who may not read tickets
 * @property {string|null} reportUrl  null for those who may not report
 * @property {string} signInUrl
 * @property {string} unitUrl         ends where the code of a unit follows
 * @property {string} ticketUrl       ends where the number of a ticket follows
 * @property {string} ticketsUrl      the list of tickets
 * @property {string} zone            the district's time zone
 * @property {'zh_Hans'|'en'} lang
 * @property {Record<string, string>} texts
 * @property {Record<string, string>} states   words for the states of a ticket
 * @property {Record<string, Record<string, string>>} conditions   words for what a condition may ask for, where they are fixed
 * @property {{pbf: string, vectorTile: string}} modules
 *
 * @typedef {object} Filter           which tickets; an empty part asks for nothing
 * @property {string[]} state
 * @property {string[]} desk          what waits for any of these at a desk
 * @property {string[]} category
 * @property {string[]} due
 * @property {string[]} unit
 * @property {string[]} area
 * @property {string} since           ISO date, or empty
 * @property {string} until
 * @property {string} closed_since
 * @property {string} closed_until
 * @property {Array<[number, number]>} within   corners, longitude first
 * @property {string} index           id of an index, or empty; its days are since and until
 * @property {string} part
 * @property {string} level
 * @property {string} of
 *
 * @typedef {object} Now              what the map shows beside its view and its layers
 * @property {[number, number]|null} at         the place asked about, longitude first
 * @property {{id: string, key: string}|null} sel
 * @property {string} kind            code of the kind of issue that is asked about, or empty
 * @property {Filter} filter
 *
 * @typedef {object} Selected         one feature; a place where its outline is not at hand
 * @property {string} id              of the collection
 * @property {string} key
 * @property {number} [lon]
 * @property {number} [lat]
 *
 * @typedef {object} Named            a feature with a name or an outline of its own, in units of the tile's extent
 * @property {string} key
 * @property {string} name
 * @property {number} size            in square units (lines: units), for labels: the larger goes first
 * @property {number} x               where its name may stand
 * @property {number} y
 * @property {Path2D|null} outline    its own border, where it can be selected
 *
 * @typedef {object} Part             one collection in one tile, decoded
 * @property {number} extent
 * @property {Map<number, Path2D[]>} fills       shapes by number of the class, where it is filled
 * @property {Map<number, Path2D[]>} lines       borders by number of the class, where it is outlined
 * @property {Named[]} named
 * @property {Int16Array} boxes       four numbers an area or line: west, north, east, south
 * @property {Int8Array} kinds        number of its class, -1 for none
 * @property {Array<string|null>} keys   null for what is counted in this tile alone
 * @property {Uint32Array|null} counts   how many features each stands for, where the server gathered them
 * @property {Dot[]} dots
 *
 * @typedef {object} Dot              a point, or a bin of points that says how many
 * @property {string} key
 * @property {string} name
 * @property {number} x
 * @property {number} y
 * @property {number} kind            number of its class, -1 for a bin
 * @property {number} mark            number of its mark, -1 for none
 * @property {number} count
 *
 * @typedef {object} Found            how many features of a layer are in view
 * @property {number} all
 * @property {Map<number, number>} kinds     by number of the class, -1 for bins
 * @property {Map<number, number>} marks
 * @property {boolean} isGathered     the server sent sums instead of features
 *
 * @typedef {object} Tile             one canvas of the map
 * @property {{x: number, y: number, z: number}} coords
 * @property {HTMLCanvasElement} canvas
 * @property {number} size            CSS pixels on a side
 * @property {number} ratio           device pixels in a CSS pixel
 * @property {Map<string, Part>} parts
 * @property {Map<string, string>} asked    the query each part answers
 * @property {Map<string, AbortController>} waiting
 * @property {Map<string, boolean>} failed  what did not come, and whether asking again may help
 * @property {(() => void)|null} done
 * @property {boolean} isDirty
 * @property {number} since           when it was made or last drawn, milliseconds of the page
 */

export {};
