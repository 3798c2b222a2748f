/* Whether a key belongs to an input method: the Enter that ends a conversion must neither send nor choose. */

// What Safari and some input methods give instead of isComposing, for the key that ends a composition.
const COMPOSING_KEY = 229;

export const isComposing = (event) => event.isComposing || event.keyCode === COMPOSING_KEY;
