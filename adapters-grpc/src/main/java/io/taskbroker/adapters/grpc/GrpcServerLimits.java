package io.taskbroker.adapters.grpc;

import java.time.Duration;

/**
 * What the server takes upon itself.
 *
 * @param connections whom it lets in, and for how long
 * @param requests what a client may send
 * @param answers what a client may leave unread
 * @param streams by which workers are attached
 * @param draining how it ends
 */
public record GrpcServerLimits(
    Connections connections,
    Requests requests,
    Answers answers,
    Streams streams,
    Draining draining) {
  /**
   * Bounds of connections. A connection has a seat once it has made a valid request, until it ends.
   * Those without a seat (newcomers, probes, clients that never ask) are always let in; when there
   * are too many, the oldest one of the host with most of them is closed.
   *
   * @param seats most connections with a seat; further ones are refused their calls, not their
   *     health checks
   * @param perAddress most connections of one client address; 0 for no such limit
   * @param waiting most connections without a seat
   * @param calls most calls that one connection may have open
   * @param handshake a connection on which no client has greeted by then is closed
   * @param idle a connection without a call for this long is closed; clients open a new one when
   *     they next call
   * @param age a connection this old, give or take a tenth, is told to go, so that clients spread
   *     over brokers that were added behind a balancer
   * @param grace how long calls may then still take
   */
  public record Connections(
      int seats,
      int perAddress,
      int waiting,
      int calls,
      Duration handshake,
      Duration idle,
      Duration age,
      Duration grace) {
    public Connections {
      if (seats < 1 || waiting < 1 || perAddress < 0) {
        throw new IllegalArgumentException(
            "seats and waiting must be at least 1 and perAddress at least 0, were %d, %d, %d"
                .formatted(seats, waiting, perAddress));
      }
    }
  }

  /**
   * Bounds of requests.
   *
   * @param bytes largest request; a larger one is refused before it is read
   * @param metadataBytes largest metadata, counted as HTTP/2 does: names, values, and 32 for each
   *     pair; a call with more is refused
   * @param bytesInAll of requests in memory that are not whole, with what each costs besides; when
   *     there are more, such calls are ended, first those of connections without a seat
   * @param within a request, or each message of a stream, must be whole by then
   * @param firstWithin the first message of a stream must be whole by then
   */
  public record Requests(
      int bytes, int metadataBytes, long bytesInAll, Duration within, Duration firstWithin) {}

  /**
   * Bounds of answers.
   *
   * @param bytes of tasks that were claimed but that no client has read yet, in all
   * @param bytesPerConnection the same for one connection
   * @param unreadAtMost how long such a task is left to its client when others find no room
   * @param stuckAtMost how long any answer may stand still before its call is ended
   * @param watchers most clients that watch the health at a time
   * @param longestWait how long a call that asks for a task may wait for one; zero if none may
   */
  public record Answers(
      long bytes,
      long bytesPerConnection,
      Duration unreadAtMost,
      Duration stuckAtMost,
      int watchers,
      Duration longestWait) {}

  /**
   * Bounds of the streams by which workers are attached.
   *
   * @param open most streams at a time; further ones are refused
   * @param awaited most of them whose workers have not said who they are
   */
  public record Streams(int open, int awaited) {}

  /**
   * Bounds of the end.
   *
   * @param quiet a broker that drains is done once no report came for this long
   * @param atMost how long draining takes at most
   */
  public record Draining(Duration quiet, Duration atMost) {}

  public static final GrpcServerLimits DEFAULT =
      new GrpcServerLimits(
          new Connections(
              4_000,
              0,
              1_000,
              256,
              Duration.ofSeconds(20),
              Duration.ofMinutes(10),
              Duration.ofMinutes(30),
              Duration.ofMinutes(1)),
          new Requests(
              4 * 1024 * 1024,
              16 * 1024,
              32 * 1024 * 1024,
              Duration.ofSeconds(20),
              Duration.ofSeconds(5)),
          new Answers(
              64 * 1024 * 1024,
              16 * 1024 * 1024,
              Duration.ofSeconds(10),
              Duration.ofMinutes(1),
              1_000,
              Duration.ofSeconds(30)),
          new Streams(10_000, 100),
          new Draining(Duration.ofMillis(500), Duration.ofSeconds(5)));

  public GrpcServerLimits with(Connections other) {
    return new GrpcServerLimits(other, requests, answers, streams, draining);
  }

  public GrpcServerLimits with(Requests other) {
    return new GrpcServerLimits(connections, other, answers, streams, draining);
  }

  public GrpcServerLimits with(Answers other) {
    return new GrpcServerLimits(connections, requests, other, streams, draining);
  }

  public GrpcServerLimits with(Draining other) {
    return new GrpcServerLimits(connections, requests, answers, streams, other);
  }

  public GrpcServerLimits with(Streams other) {
    return new GrpcServerLimits(connections, requests, answers, other, draining);
  }

  /** The same with what operators may set. */
  public GrpcServerLimits with(GrpcServerSettings settings) {
    return with(new Connections(
            settings.connections(),
            settings.connectionsPerAddress(),
            connections.waiting,
            connections.calls,
            connections.handshake,
            connections.idle,
            connections.age,
            connections.grace))
        .with(
            new Answers(
                answers.bytes,
                answers.bytesPerConnection,
                answers.unreadAtMost,
                answers.stuckAtMost,
                answers.watchers,
                settings.longestWait()));
  }
}
