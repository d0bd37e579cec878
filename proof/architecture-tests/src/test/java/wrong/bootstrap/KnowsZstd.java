package wrong.bootstrap;

import com.github.luben.zstd.Zstd;

/** Wiring that squeezes. */
final class KnowsZstd {
  byte[] squeeze(byte[] bytes) {
    return Zstd.compress(bytes);
  }
}
