// Thousands of thin lines as pixels, from the front to the back: far quicker than a canvas strokes them without a GPU.

const OPAQUE = 250; // of 255: what lies beneath shows no more

export class Raster {
  constructor(width, height) {
    Object.assign(this, { width, height, pixels: new Uint8Array(4 * width * height), image: new ImageData(width, height) });
  }

  clear() {
    this.pixels.fill(0);
  }

  /** A line beneath all that is there; soft: with smooth edges. */
  line(x0, y0, x1, y1, ink, alpha, soft) {
    const steep = Math.abs(y1 - y0) > Math.abs(x1 - x0);
    const steps = Math.max(Math.ceil(steep ? Math.abs(y1 - y0) : Math.abs(x1 - x0)), 1);
    const [dx, dy] = [(x1 - x0) / steps, (y1 - y0) / steps];
    const shift = soft ? 0 : 0.5;
    const next = steep ? 1 : this.width; // the other pixel of a smooth edge
    const { width, height } = this;
    let x = x0 + shift;
    let y = y0 + shift;
    for (let i = 0; i < steps; i += 1) {
      const column = x | 0;
      const row = y | 0;
      if (column >= 0 && row >= 0 && column < width - 1 && row < height - 1) {
        const at = row * width + column;
        if (soft) {
          const part = steep ? x - column : y - row;
          this.blend(at, ink, alpha * (1 - part));
          this.blend(at + next, ink, alpha * part);
        } else this.blend(at, ink, alpha);
      }
      x += dx;
      y += dy;
    }
  }

  /** Whole numbers of one byte: a picture that fits the processor's cache is drawn in half the time. */
  blend(pixel, ink, alpha) {
    const { pixels } = this;
    const at = pixel << 2;
    const there = pixels[at + 3];
    if (there >= OPAQUE) return;
    const more = ((255 - there) * alpha + 0.5) | 0;
    pixels[at] += (more * ink[0] + 128) >> 8;
    pixels[at + 1] += (more * ink[1] + 128) >> 8;
    pixels[at + 2] += (more * ink[2] + 128) >> 8;
    pixels[at + 3] = there + more;
  }

  /** Put the pixels on a canvas. */
  put(context) {
    const { pixels, image } = this;
    const { data } = image;
    for (let at = 0; at < data.length; at += 4) {
      const alpha = pixels[at + 3];
      data[at + 3] = alpha >= OPAQUE ? 255 : alpha;
      if (alpha === 0) continue;
      const full = 255 / alpha; // a canvas takes colours as they are, whatever their alpha
      data[at] = pixels[at] * full;
      data[at + 1] = pixels[at + 1] * full;
      data[at + 2] = pixels[at + 2] * full;
    }
    context.putImageData(image, 0, 0);
  }
}
