package wrong.application;

import java.net.InetSocketAddress;

/** A use case that knows who listens. */
final class KnowsTheNetwork {
  static final InetSocketAddress THERE = InetSocketAddress.createUnresolved("there", 1);
}
