package io.taskbroker.adapters.grpc;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Finds the addresses behind a name. */
@FunctionalInterface
interface Names {
  /**
   * By the JDK's resolver, which keeps an answer for 30 s unless {@code networkaddress.cache.ttl}
   * says otherwise. gRPC's own refuses names with an underscore, as Docker makes them.
   */
  Names OF_THIS_HOST = host -> List.of(InetAddress.getAllByName(host));

  /**
   * May block for as long as the name servers take.
   *
   * @throws UnknownHostException if there is no such name, or nobody can say
   */
  List<InetAddress> addresses(String host) throws UnknownHostException;
}
