package io.taskbroker.benchmarks.broker;

import com.google.protobuf.ByteString;
import io.taskbroker.adapters.grpc.GrpcServer;
import io.taskbroker.adapters.grpc.GrpcServerLimits;
import io.taskbroker.adapters.grpc.GrpcServerSettings;
import io.taskbroker.application.EventSink;
import io.taskbroker.application.Health;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.dispatch.Dispatch;
import io.taskbroker.application.exchange.Exchange;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.proto.v1.TaskActivation;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The broker's server before nothing: tasks are at hand, and outcomes are forgotten. */
final class EchoServer implements AutoCloseable {
  private final EndlessTasks tasks;
  private final GrpcServer server;

  private EchoServer(EndlessTasks tasks, GrpcServer server) {
    this.tasks = tasks;
    this.server = server;
  }

  static EchoServer start() {
    byte[] payload =
        TaskActivation.newBuilder()
            .setId("echo")
            .setTaskname("echo")
            .setParametersBytes(ByteString.copyFrom(new byte[BrokerUnderTest.PAYLOAD_BYTES]))
            .build()
            .toByteArray();
    TimeSource time =
        () ->
            new Moment(
                System.currentTimeMillis(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
    var tasks = new EndlessTasks(payload);
    var server =
        new GrpcServer(
                new GrpcServerSettings("127.0.0.1", 0, List.of()),
                GrpcServerLimits.DEFAULT,
                new Dispatch(tasks, Dispatch.Mode.PULL, time),
                new Exchange(tasks, tasks, time, EventSink.none()),
                new Health(new HealthSettings(Duration.ofSeconds(5), false)),
                time)
            .start();
    return new EchoServer(tasks, server);
  }

  /** The program of {@link StorelessProcess}: runs until its input ends. */
  static void main() throws IOException {
    try (var echo = start()) {
      System.out.println(StorelessProcess.READY + echo.server.port());
      while (System.in.read() >= 0) {
        // Nothing is expected; only the end counts.
      }
    }
  }

  String address() {
    return "127.0.0.1:" + server.port();
  }

  /** How many have come back so far. */
  long outcomes() {
    return tasks.outcomes();
  }

  @Override
  public void close() {
    server.close();
  }
}
