package wrong.bootstrap;

import org.eclipse.jetty.util.BufferUtil;

/** Wiring that answers over HTTP itself. */
final class KnowsJetty {
  static final byte[] NOTHING = BufferUtil.toArray(BufferUtil.EMPTY_BUFFER);
}
