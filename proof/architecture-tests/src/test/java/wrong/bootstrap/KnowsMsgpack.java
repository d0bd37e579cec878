package wrong.bootstrap;

import org.msgpack.core.MessagePack;

/** Wiring that packs. */
final class KnowsMsgpack {
  byte[] pack() {
    return MessagePack.newDefaultBufferPacker().toByteArray();
  }
}
