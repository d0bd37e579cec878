package io.taskbroker.workload.process;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The packaged broker as users run it: {@code java -jar taskbroker.jar -c FILE}. */
public final class BrokerProcess implements AutoCloseable {
  private static final String DEFAULT_HEAP = "512m";

  /** Of one of several on one machine: starts fast, and leaves room for the others. */
  private static final String SMALL_HEAP = "128m";

  private static final List<String> SMALL =
      List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");

  private static final Duration START = Duration.ofMinutes(2);
  private static final Duration CALL = Duration.ofSeconds(10);

  private final BrokerSetup settings;
  private final ChildProcess process;
  private final long logBefore;

  /**
   * How a broker ended.
   *
   * @param code its exit code
   * @param took from the signal to its end, by a {@link FairClock}
   */
  public record Exit(int code, Duration took) {}

  private BrokerProcess(BrokerSetup settings, ChildProcess process, long logBefore) {
    this.settings = settings;
    this.process = process;
    this.logBefore = logBefore;
  }

  /** Returns at once; its output is added to the log in the settings' folder. */
  public static BrokerProcess launch(BrokerSetup settings) {
    return launch(settings, DEFAULT_HEAP);
  }

  /**
   * @param heap as in {@code -Xmx}
   */
  public static BrokerProcess launch(BrokerSetup settings, String heap) {
    return launch(settings, heap, List.of());
  }

  /**
   * @param heap as in {@code -Xmx}
   * @param options further ones of its JVM
   */
  public static BrokerProcess launch(BrokerSetup settings, String heap, List<String> options) {
    return launch(settings, ChildProcess.java(heap, arguments(settings, options)));
  }

  /**
   * @param wrapper a program that becomes the command which follows its own words
   */
  public static BrokerProcess launchBy(List<String> wrapper, BrokerSetup settings) {
    List<String> command = new ArrayList<>(wrapper);
    command.addAll(ChildProcess.java(DEFAULT_HEAP, arguments(settings, List.of())));
    return launch(settings, command);
  }

  /**
   * One of several on one machine: a small JVM that starts fast.
   *
   * @param wrapper a program that becomes the command which follows its own words; empty for none
   */
  public static BrokerProcess launchSmall(List<String> wrapper, BrokerSetup settings) {
    List<String> command = new ArrayList<>(wrapper);
    command.addAll(ChildProcess.java(SMALL_HEAP, arguments(settings, SMALL)));
    return launch(settings, command);
  }

  /**
   * @param program becomes the broker, given {@code -c FILE} as its last words
   */
  public static BrokerProcess launchProgram(BrokerSetup settings, List<String> program) {
    List<String> command = new ArrayList<>(program);
    command.addAll(List.of("-c", settings.file().toAbsolutePath().toString()));
    return launch(settings, command);
  }

  private static BrokerProcess launch(BrokerSetup settings, List<String> command) {
    settings.write();
    long logBefore = settings.log().toFile().length();
    return new BrokerProcess(settings, ChildProcess.start(command, settings.log()), logBefore);
  }

  private static List<String> arguments(BrokerSetup settings, List<String> options) {
    List<String> arguments = new ArrayList<>(options);
    arguments.addAll(
        List.of("-jar", jar().toString(), "-c", settings.file().toAbsolutePath().toString()));
    return arguments;
  }

  /** Returns once it says that it is serving. */
  public static BrokerProcess start(BrokerSetup settings) {
    return launch(settings).awaitServing(START);
  }

  /**
   * The packaged program.
   *
   * @throws IllegalStateException if it has not been built
   */
  public static Path jar() {
    Path jar =
        Path.of(System.getProperty("taskbroker.jar", "bootstrap/target/taskbroker.jar"))
            .toAbsolutePath();
    if (!Files.exists(jar)) {
      throw new IllegalStateException(
          jar + " is not there: build it with './taskbroker test' or 'mvn -Dquick package'");
    }
    return jar;
  }

  public BrokerSetup settings() {
    return settings;
  }

  public ChildProcess process() {
    return process;
  }

  /**
   * @throws IllegalStateException with its output if it ends, or is not serving in time
   */
  public BrokerProcess awaitServing(Duration patience) {
    return awaitServingAt(settings.grpcAddress(), patience);
  }

  /**
   * As {@link #awaitServing}, asked by another way than directly.
   *
   * @param address of the way, as {@code host:port}
   */
  public BrokerProcess awaitServingAt(String address, Duration patience) {
    return awaitHealth(ServingStatus.SERVING, address, patience);
  }

  /**
   * @throws IllegalStateException with its output if it ends, or says that it serves for so long
   */
  public BrokerProcess awaitNotServing(Duration patience) {
    return awaitHealth(ServingStatus.NOT_SERVING, settings.grpcAddress(), patience);
  }

  /**
   * What it says now, as soon as it says anything.
   *
   * @throws IllegalStateException with its output if it ends, or says nothing for so long
   */
  public boolean isServing(Duration patience) {
    ServingStatus said =
        awaitHealth(
            status -> status != ServingStatus.UNKNOWN, "heard", settings.grpcAddress(), patience);
    return said == ServingStatus.SERVING;
  }

  /**
   * Returns once a line of its log says all of these.
   *
   * @throws IllegalStateException with its output if it ends before, or if none does in time
   */
  public BrokerProcess awaitLine(Duration patience, String... words) {
    Waiting.until(
        "a line says " + List.of(words) + ", see " + settings.log(),
        patience,
        () -> {
          if (lines(words) > 0) {
            return true;
          }
          refuseAfterEnd();
          return false;
        });
    return this;
  }

  /**
   * How many lines of its log, and of its predecessors with the same settings, say all of these.
   */
  public long lines(String... words) {
    return process
        .output()
        .lines()
        .filter(line -> Stream.of(words).allMatch(line::contains))
        .count();
  }

  /** The same, without its predecessors. */
  public long ownLines(String... words) {
    return ownOutput().lines().filter(line -> Stream.of(words).allMatch(line::contains)).count();
  }

  /** The last line that it has written; empty if there is none. */
  public String lastLine() {
    return ownOutput().lines().reduce("", (_, line) -> line);
  }

  /** Without what its predecessors with the same settings have written. */
  private String ownOutput() {
    byte[] all = process.output().getBytes(StandardCharsets.UTF_8);
    int from = (int) Math.min(logBefore, all.length);
    return new String(all, from, all.length - from, StandardCharsets.UTF_8);
  }

  private void refuseAfterEnd() {
    if (!process.isAlive()) {
      throw new IllegalStateException("the broker has ended:\n" + ownOutput());
    }
  }

  private BrokerProcess awaitHealth(ServingStatus expected, String address, Duration patience) {
    var _ = awaitHealth(status -> status == expected, expected.toString(), address, patience);
    return this;
  }

  private ServingStatus awaitHealth(
      Predicate<ServingStatus> expected, String words, String address, Duration patience) {
    ManagedChannel channel = ManagedChannelBuilder.forTarget(address).usePlaintext().build();
    AtomicReference<ServingStatus> said = new AtomicReference<>(ServingStatus.UNKNOWN);
    try {
      Waiting.until(
          "the broker is " + words + ", see " + settings.log(),
          patience,
          () -> {
            said.set(health(channel));
            return expected.test(said.get());
          });
    } finally {
      channel.shutdownNow();
    }
    return said.get();
  }

  /** What the health service says of the workers' service; unknown if nobody listens. */
  private ServingStatus health(ManagedChannel channel) {
    refuseAfterEnd();
    try {
      var question =
          HealthCheckRequest.newBuilder().setService(ConsumerServiceGrpc.SERVICE_NAME).build();
      channel.resetConnectBackoff();
      return HealthGrpc.newBlockingStub(channel)
          .withDeadlineAfter(CALL.toMillis(), TimeUnit.MILLISECONDS)
          .check(question)
          .getStatus();
    } catch (StatusRuntimeException _) {
      return ServingStatus.UNKNOWN; // not listening yet
    }
  }

  /** The first line of its log that has these words; empty if there is none. */
  public String firstLineWith(String words) {
    return process.output().lines().filter(line -> line.contains(words)).findFirst().orElse("");
  }

  /** Asks it to stop, and waits until it has. */
  public Exit stop(ProcessSignal signal) {
    try (FairClock clock = FairClock.start()) {
      process.signal(signal);
      int code = process.awaitExit(START);
      return new Exit(code, clock.elapsed());
    }
  }

  /** Ends it at once, as a crash would. */
  public void kill() {
    process.kill();
  }

  /** Ends it if it is still there; what it has not written is lost. */
  @Override
  public void close() {
    process.close();
  }
}
