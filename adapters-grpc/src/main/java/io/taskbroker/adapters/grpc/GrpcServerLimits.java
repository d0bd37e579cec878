package io.taskbroker.adapters.grpc;

import java.time.Duration;

/**
 * What the server takes upon itself.
 *
 * @param requestBytes largest request; a larger one is refused before it is read
 * @param callsPerConnection most calls that one connection may have open
 * @param requestBytesInAll of requests in memory, beyond what is free; when there are more, calls
 *     end whose requests are not whole
 * @param requestBytesFree of the requests of each connection: these are not counted
 * @param bytesUnderway of tasks that were claimed but that no client has read yet, in all
 * @param bytesUnderwayPerConnection the same for one connection
 * @param unreadAtMost how long such a task is left to its client when others find no room
 * @param handshake a connection on which no client has greeted by then is closed
 * @param quiet a broker that drains is done once no call came for so long
 * @param drainAtMost how long draining takes at most
 */
public record GrpcServerLimits(
    int requestBytes,
    int callsPerConnection,
    long requestBytesInAll,
    long requestBytesFree,
    long bytesUnderway,
    long bytesUnderwayPerConnection,
    Duration unreadAtMost,
    Duration handshake,
    Duration quiet,
    Duration drainAtMost) {
  public static final GrpcServerLimits DEFAULT =
      new GrpcServerLimits(
          4 * 1024 * 1024,
          256,
          32 * 1024 * 1024,
          64 * 1024,
          64 * 1024 * 1024,
          16 * 1024 * 1024,
          Duration.ofSeconds(10),
          Duration.ofSeconds(20),
          Duration.ofMillis(500),
          Duration.ofSeconds(5));
}
