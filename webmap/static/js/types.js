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
 * @property {'circle'|'plus'|'times'|'house'|'square'|'triangle'|'diamond'|'ring'|null} symbol
 * @property {number} size_px
 *
 * @typedef {object} StyleClass       features that look alike; no values means all the rest
 * @property {string} title
 * @property {Style} style
 * @property {Array<string|null>} values
 *
 * @typedef {object} LayerConfig      one collection as a layer, lowest first
 * @property {string} id
 * @property {string} title
 * @property {'area'|'point'} shape
 * @property {string} url             with {z}, {x}, {y}
 * @property {string} key             the property that names a feature
 * @property {string|null} by         the property that chooses the class
 * @property {boolean} isOn
 * @property {number} fromZoom
 * @property {[number, number]|null} labelZooms
 * @property {boolean} canSelect
 * @property {boolean} overlaps
 * @property {number} crowd          more dots than this in view are gathered until the zoom is near enough
 * @property {number} sample          number of the class that stands for the layer in lists
 * @property {StyleClass[]} classes
 *
 * @typedef {object} Config
 * @property {LayerConfig[]} layers
 * @property {[number, number, number, number]|null} bounds   west, south, east, north of the district
 * @property {number} deepestTiles
 * @property {string} whereUrl
 * @property {string} unitUrl         ends where the code of a unit follows
 * @property {string} ticketUrl       ends where the number of a ticket follows
 * @property {'zh_Hans'|'en'} lang
 * @property {Record<string, string>} texts
 * @property {Record<string, string>} states   words for the states of a ticket
 * @property {{pbf: string, vectorTile: string}} modules
 *
 * @typedef {object} Area             a polygon of one tile, in units of the tile's extent
 * @property {string} key
 * @property {string} name
 * @property {number} size            in square units, for labels: the larger goes first
 * @property {number} x               where its name may stand
 * @property {number} y
 * @property {Path2D|null} outline    its own border, where it can be selected
 *
 * @typedef {object} Part             one collection in one tile, decoded
 * @property {number} extent
 * @property {Map<number, Path2D[]>} fills       shapes by number of the class, where it is filled
 * @property {Map<number, Path2D[]>} lines       borders by number of the class, where it is outlined
 * @property {Area[]} areas
 * @property {Float64Array} boxes     four numbers an area: west, north, east, south
 * @property {string[]} keys          of the areas, in the order of the boxes
 * @property {Dot[]} dots
 *
 * @typedef {object} Dot              a point, or a bin of points that says how many
 * @property {string} key
 * @property {string} name
 * @property {number} x
 * @property {number} y
 * @property {number} kind            number of its class, -1 for a bin
 * @property {number} count
 *
 * @typedef {object} Tile             one canvas of the map
 * @property {{x: number, y: number, z: number}} coords
 * @property {HTMLCanvasElement} canvas
 * @property {number} size            CSS pixels on a side
 * @property {number} ratio           device pixels in a CSS pixel
 * @property {Map<string, Part>} parts
 * @property {Map<string, AbortController>} waiting
 * @property {(() => void)|null} done
 * @property {boolean} isDirty
 */

export {};
