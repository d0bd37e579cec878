package io.taskbroker.quickstart;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.taskbroker.proto.v1.OnAttemptsExceeded;
import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.TaskActivation;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./taskbroker dev send}: one task, without a client of any language. */
@Command(
    name = "send",
    description = "Sends a task to the development server that runs.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  ./taskbroker dev send mail.welcome '[7, \"a@b.c\"]'"},
    usageHelpWidth = 100,
    sortOptions = false)
final class SendCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** That a worker has; what it does here is look. */
  private static final Duration DEADLINE = Duration.ofMinutes(1);

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      description = "Of the task, such as mail.welcome: task welcome of namespace mail.")
  private String name = "";

  @Parameters(
      index = "1",
      paramLabel = "ARGUMENTS",
      arity = "0..1",
      description = "A JSON list of them, or an object of named ones. Default: none.")
  private String arguments = "[]";

  @Option(
      names = "--application",
      paramLabel = "NAME",
      defaultValue = "dev",
      description = "Default: ${DEFAULT-VALUE}")
  private String application = "dev";

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      description = "Then NAME is the task's alone. Default: what is before its point, or default.")
  private @Nullable String namespace;

  @Option(
      names = "--dead-letter",
      description = "Wants a dead letter if it fails, as 'dev work --fail' has it. Default: none.")
  private boolean wantsDeadLetter;

  @Option(
      names = "--delay",
      paramLabel = "SECONDS",
      defaultValue = "0",
      description = "No worker gets it before. Default: ${DEFAULT-VALUE}")
  private long delaySeconds;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      defaultValue = ".taskbroker",
      description = "Of the server. Default: ${DEFAULT-VALUE}")
  private Path state = Path.of(".taskbroker");

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    if (spec == null) {
      throw new IllegalStateException("not called through picocli");
    }
    TaskActivation task = task(spec);
    Addresses server = Addresses.read(state.toAbsolutePath().normalize());
    send(server, task);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "Sent %s to topic '%s'. See it at %s/task?id=%s%n",
        task.getId(), server.topic(), server.dashboard(), task.getId());
    out.flush();
    return 0;
  }

  private TaskActivation task(CommandSpec command) {
    if (delaySeconds < 0) {
      throw new ParameterException(
          command.commandLine(), "--delay must not be negative, was " + delaySeconds);
    }
    Instant now = Instant.now();
    TaskName names = names(command);
    var task =
        TaskActivation.newBuilder()
            .setId(UUID.randomUUID().toString())
            .setApplication(application)
            .setNamespace(names.namespace())
            .setTaskname(names.task())
            .setReceivedAt(
                Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()))
            .setRetryState(
                RetryState.newBuilder()
                    .setMaxAttempts(1)
                    .setOnAttemptsExceeded(
                        wantsDeadLetter
                            ? OnAttemptsExceeded.ON_ATTEMPTS_EXCEEDED_DEADLETTER
                            : OnAttemptsExceeded.ON_ATTEMPTS_EXCEEDED_DISCARD))
            .setProcessingDeadlineDuration(DEADLINE.toSeconds())
            .setParametersBytes(ByteString.copyFrom(packed(command)));
    return delaySeconds == 0 ? task.build() : task.setDelay(delaySeconds).build();
  }

  private TaskName names(CommandSpec command) {
    try {
      return namespace == null ? TaskName.of(name) : new TaskName(namespace, name);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private byte[] packed(CommandSpec command) {
    try {
      return TaskArguments.packed(arguments);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static void send(Addresses server, TaskActivation task) {
    Map<String, Object> properties =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            server.kafka(),
            ProducerConfig.MAX_BLOCK_MS_CONFIG,
            PATIENCE.toMillis());
    try (var producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(server.topic(), task.toByteArray())).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "Kafka at %s does not take it (%s). Does the server still run?"
              .formatted(server.kafka(), String.valueOf(e.getCause())),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted before Kafka had it", e);
    }
  }
}
