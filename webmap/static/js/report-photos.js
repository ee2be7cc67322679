/**
 * Photos on their way into a report: made smaller before they are sent, shown, and taken away again.
 *
 * @typedef {object} Photo
 * @property {string} field   name of the form's field
 * @property {string} name    of the file, for the reader alone
 * @property {Blob} blob
 */

import { byId, fill, make } from "./dom.js";

// As the server keeps them; anything more only costs time on a slow network.
const LONGEST_PX = 1600;
const QUALITY = 0.85;
const SMALL_BYTES = 400 * 1024;

// Older browsers draw photos as the camera lay, and lose how it was held.
const DRAWS_UPRIGHT = CSS.supports("image-orientation", "from-image");

/**
 * @param {HTMLFormElement} form
 * @param {any} config
 * @param {{onChange: () => void, say: (sentence: string) => void}} parts
 */
export function photoFields(form, config, { onChange, say }) {
  const { texts } = config;
  /** @type {HTMLInputElement[]} */
  const inputs = [...form.querySelectorAll("input[type=file]")].map((one) => /** @type {HTMLInputElement} */ (one));
  /** @type {Photo[]} */
  let photos = [];
  /** @type {Map<Photo, string>} */
  const addresses = new Map();

  for (const input of inputs) {
    input.addEventListener("change", async () => {
      const files = [...(input.files || [])];
      // chosen again, the same file must be a change again
      input.value = "";
      for (const file of files) await add(input, file);
      onChange();
    });
  }

  async function add(input, file) {
    if (photos.length >= config.mostPhotos) return say(fill(texts.tooMany, { most: config.mostPhotos }));
    const small = await smaller(file);
    if (!small) say(fill(texts.notReadable, { name: file.name }));
    if (!input.multiple) photos = photos.filter((one) => one.field !== input.name);
    photos.push({ field: input.name, name: file.name, blob: small || file });
    return show();
  }

  function remove(photo) {
    photos = photos.filter((one) => one !== photo);
    show();
    onChange();
  }

  function show() {
    for (const [photo, address] of addresses) {
      if (photos.includes(photo)) continue;
      URL.revokeObjectURL(address);
      addresses.delete(photo);
    }
    for (const input of inputs) {
      const list = byId(`${input.name}-chosen`);
      const mine = photos.filter((one) => one.field === input.name);
      list.replaceChildren(...mine.map(shown));
      list.hidden = mine.length === 0;
    }
  }

  function shown(photo, place) {
    const address = addresses.get(photo) || URL.createObjectURL(photo.blob);
    addresses.set(photo, address);
    const title = fill(texts.photoOf, { number: place + 1 });
    const image = make("img", { src: address, alt: title });
    image.addEventListener("error", () => image.replaceWith(make("span", { class: "no-picture small" }, photo.name)));
    const button = make("button", { type: "button", "aria-label": `${texts.remove} ${title}` }, texts.remove);
    button.addEventListener("click", () => {
      remove(photo);
      const input = inputs.find((one) => one.name === photo.field);
      if (input) input.focus();
    });
    return make("li", {}, image, button);
  }

  return {
    all: () => photos,
    /** Addresses of what was chosen, to be looked at on this page. */
    pictures: () => photos.map((one) => addresses.get(one) || ""),
    /** @param {Photo[]} given */
    set(given) {
      photos = given.filter((one) => inputs.some((input) => input.name === one.field));
      show();
    },
  };
}

/** A photo no larger than it will be kept; null for what cannot be drawn here. @param {File} file @returns {Promise<Blob|null>} */
async function smaller(file) {
  const address = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const scale = Math.min(1, LONGEST_PX / Math.max(image.naturalWidth, image.naturalHeight));
    if (!DRAWS_UPRIGHT || (scale === 1 && file.size < SMALL_BYTES)) return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.naturalWidth * scale);
    canvas.height = Math.round(image.naturalHeight * scale);
    const pen = canvas.getContext("2d");
    if (!pen) return file;
    // what was transparent would be black as JPEG
    pen.fillStyle = "white";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    const drawn = await new Promise((resolve) => {
      canvas.toBlob(resolve, "image/jpeg", QUALITY);
    });
    canvas.width = canvas.height = 0;
    return drawn && drawn.size < file.size ? drawn : file;
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(address);
  }
}
