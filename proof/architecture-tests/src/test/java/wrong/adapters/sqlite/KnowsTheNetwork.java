package wrong.adapters.sqlite;

import java.net.InetSocketAddress;

/** A journal that knows who listens. */
final class KnowsTheNetwork {
  static final InetSocketAddress THERE = InetSocketAddress.createUnresolved("there", 1);
}
