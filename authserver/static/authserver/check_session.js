"use strict";
// OIDC Session Management §3.2: "changed", "unchanged" or "error", to whoever asks and only to them.
(() => {
  const LONGEST = 4096;
  const cookie = document.documentElement.dataset.cookie + "=";
  let isBlind = !navigator.cookieEnabled;

  // Where a browser keeps cookies from framed pages, nothing can be said; "changed" would make
  // applications ask again and again.
  if (window.isSecureContext && document.hasStorageAccess) {
    document.hasStorageAccess().then((may) => { isBlind = isBlind || !may; }, () => {});
  }

  // FIPS 180-4 §4.2.2 and §5.3.3: the constants are fractions of roots of the first primes.
  const primes = [];
  for (let n = 2; primes.length < 64; n += 1) {
    if (primes.every((prime) => n % prime)) primes.push(n);
  }
  const fraction = (root) => ((root - Math.floor(root)) * 0x100000000) | 0;
  const START = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
  const ROUND = primes.map((prime) => fraction(Math.cbrt(prime)));
  const turn = (word, by) => (word >>> by) | (word << (32 - by));

  // FIPS 180-4 §5.1.1: a one bit, zeros, and the length in bits at the end of the last block.
  const padded = (bytes) => {
    const blocks = new DataView(new ArrayBuffer(((bytes.length + 72) >> 6) << 6));
    bytes.forEach((byte, at) => blocks.setUint8(at, byte));
    blocks.setUint8(bytes.length, 0x80);
    blocks.setUint32(blocks.byteLength - 4, bytes.length * 8);
    return blocks;
  };

  const schedule = (blocks, from) => {
    const words = new Int32Array(64);
    for (let t = 0; t < 64; t += 1) {
      if (t < 16) {
        words[t] = blocks.getInt32(from + 4 * t);
      } else {
        const early = words[t - 15];
        const late = words[t - 2];
        words[t] = (turn(late, 17) ^ turn(late, 19) ^ (late >>> 10)) + words[t - 7]
          + (turn(early, 7) ^ turn(early, 18) ^ (early >>> 3)) + words[t - 16];
      }
    }
    return words;
  };

  const sha256 = (text) => {
    const blocks = padded(new TextEncoder().encode(text));
    const hash = START.slice();
    for (let from = 0; from < blocks.byteLength; from += 64) {
      const words = schedule(blocks, from);
      let [a, b, c, d, e, f, g, h] = hash;
      for (let t = 0; t < 64; t += 1) {
        const one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g))
          + ROUND[t] + words[t];
        const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
      }
      [a, b, c, d, e, f, g, h].forEach((word, at) => { hash[at] = (hash[at] + word) | 0; });
    }
    return hash.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  };

  const browserState = () => {
    const found = document.cookie.split("; ").find((each) => each.startsWith(cookie));
    return found ? found.slice(cookie.length) : "";
  };

  const judged = (message, origin) => {
    if (typeof message !== "string" || message.length > LONGEST) return "error";
    const parts = /^(.+) ([0-9a-f]{64})\.([\w-]+)$/.exec(message);
    if (!parts) return "error";
    const [, client, said, salt] = parts;
    const state = browserState();
    if (!state && isBlind) return "error";
    return sha256([client, origin, state, salt].join(" ")) === said ? "unchanged" : "changed";
  };

  window.addEventListener("message", ({ data, origin, source }) => {
    if (!source || source === window || origin === "null") return; // nobody who could be answered
    source.postMessage(judged(data, origin), origin);
  });
})();
