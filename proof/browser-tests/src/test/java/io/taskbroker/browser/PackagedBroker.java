package io.taskbroker.browser;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.workload.kafka.RawTopic;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.load.TaskFetch;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ChildProcess;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The packaged broker before a real Kafka, as operators have it: its log, its admin API, the
 * program's commands, and the dashboard. Whoever is at this machine may do everything.
 */
final class PackagedBroker implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final int port = FreePorts.any();
  private final Path folder;
  private final Topics topics;
  private final RawTopic producer;
  private final BrokerProcess process;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<TaskFetch> workers = new ArrayList<>();
  private int commands;

  /**
   * @param folder for all its files
   * @param wrapper a program that becomes the broker; none if empty
   * @param settings that are not those of every broker here
   */
  PackagedBroker(Path folder, Kafka kafka, List<String> wrapper, Map<String, Object> settings) {
    this.folder = folder;
    BrokerSetup setup =
        BrokerSetup.of(folder.resolve("broker"), kafka.address(), "tasks-" + port)
            .with("kafka_auto_offset_reset", "earliest")
            .with("statsd_addr", "")
            .with("admin.port", port)
            .with("admin.without_token", "admin")
            // Deadlines are judged at once, and without a grace: nobody has all day.
            .with("upkeep_deadline_reset_skip_after_startup_sec", 0)
            .with("store.processing_deadline_grace_sec", 0);
    for (var one : settings.entrySet()) {
      setup = setup.with(one.getKey(), one.getValue());
    }
    topics = Topics.at(kafka.address());
    topics.create(setup.topic(), 1);
    topics.create(setup.deadLetterTopic(), 1);
    producer = new RawTopic(kafka.address(), setup.topic());
    process = BrokerProcess.launchSmall(wrapper, setup).awaitServing(PATIENCE);
    Waiting.until("its topic is read", PATIENCE, () -> get("kafka").contains("\"read\":0"));
  }

  static PackagedBroker start(Path folder, Kafka kafka) {
    return start(folder, kafka, Map.of());
  }

  static PackagedBroker start(Path folder, Kafka kafka, Map<String, Object> settings) {
    return new PackagedBroker(folder, kafka, List.of(), settings);
  }

  String url(String path) {
    return "http://127.0.0.1:%d%s".formatted(port, path);
  }

  String topic() {
    return process.settings().topic();
  }

  String deadLetterTopic() {
    return process.settings().deadLetterTopic();
  }

  Topics topics() {
    return topics;
  }

  ChildProcess process() {
    return process.process();
  }

  // ---------------------------------------------------------------- what happens to it

  /** Returns when Kafka has them. */
  void send(TaskActivation.Builder... tasks) {
    for (TaskActivation.Builder task : tasks) {
      producer.send(task.build().toByteArray());
    }
  }

  /** Returns when they are stored, and nothing else is. */
  void store(TaskActivation.Builder... tasks) {
    send(tasks);
    for (TaskActivation.Builder task : tasks) {
      Waiting.until("it is stored", PATIENCE, () -> isStored(task.getId()));
    }
  }

  boolean isStored(String id) {
    return get("task?id=" + id).contains("\"task\":");
  }

  /** Returns when so many deadlines of a task have passed. */
  void awaitMissed(String id, int deadlines) {
    Waiting.until(
        "its deadline passes",
        PATIENCE,
        () -> get("task?id=" + id).contains("\"attempts\":%d,".formatted(deadlines)));
  }

  /** Somebody who asks for tasks; gone with the broker. */
  TaskFetch worker() {
    TaskFetch worker = TaskFetch.at(process.settings().grpcAddress());
    workers.add(worker);
    return worker;
  }

  // ---------------------------------------------------------------- what it says

  boolean logSays(List<String> words) {
    return process.lines(words.toArray(String[]::new)) > 0;
  }

  /** What the admin API answers, whatever it is. */
  String get(String path) {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url("/api/v1/" + path))).build();
    try {
      return http.send(request, BodyHandlers.ofString()).body();
    } catch (IOException e) {
      throw new UncheckedIOException("no answer to " + path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** The first event of the stream that pages live on. */
  String event() {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url("/api/v1/events"))).build();
    try (Stream<String> lines = http.send(request, BodyHandlers.ofLines()).body()) {
      return lines.filter(line -> line.startsWith("data:")).findFirst().orElse("");
    } catch (IOException e) {
      throw new UncheckedIOException("no events", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Starts a command of the program, with its own JVM, as somebody in a terminal does. */
  ChildProcess command(String... words) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
    arguments.addAll(List.of("-jar", BrokerProcess.jar().toString()));
    arguments.addAll(List.of(words));
    arguments.addAll(List.of("--broker", url("")));
    return ChildProcess.start(
        ChildProcess.java("64m", arguments), folder.resolve("command-" + ++commands + ".txt"));
  }

  /** What a command says. */
  String said(String... words) {
    try (ChildProcess command = command(words)) {
      int code = command.awaitExit(PATIENCE);
      if (code != 0) {
        throw new IllegalStateException("exit %d: %s".formatted(code, command.output()));
      }
      return command.output();
    }
  }

  @Override
  public void close() {
    workers.forEach(TaskFetch::close);
    producer.close();
    topics.close();
    process.close();
    http.shutdownNow();
  }
}
