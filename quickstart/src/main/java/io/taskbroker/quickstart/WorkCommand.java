package io.taskbroker.quickstart;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.taskbroker.adapters.protobuf.ReadableActivations;
import io.taskbroker.application.operations.TaskContents;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.ConsumerServiceGrpc.ConsumerServiceBlockingStub;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proto.v1.TaskActivationStatus;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./taskbroker dev work}: a worker that prints each task and reports it done. */
@Command(
    name = "work",
    description = {
      "Works for the development server that runs: prints each task, and reports that it is done.",
      "Until Ctrl-C."
    },
    mixinStandardHelpOptions = true,
    usageHelpWidth = 100,
    sortOptions = false)
final class WorkCommand implements Callable<Integer> {
  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");
  private static final Duration CALL = Duration.ofSeconds(10);

  /** Between questions, while there is nothing to do. */
  private static final Duration REST = Duration.ofMillis(200);

  /** Between questions, while the broker is away. */
  private static final Duration AWAY = Duration.ofSeconds(1);

  @Option(
      names = "--application",
      paramLabel = "NAME",
      description = "Only tasks of it. Default: those of all applications.")
  private @Nullable String application;

  @Option(
      names = "--fail",
      description =
          "Report that each has failed: one of 'dev send --dead-letter' becomes a dead letter.")
  private boolean fails;

  @Option(names = "--tasks", paramLabel = "N", description = "End after so many. Default: no end.")
  private @Nullable Long tasks;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      defaultValue = ".taskbroker",
      description = "Of the server. Default: ${DEFAULT-VALUE}")
  private Path state = Path.of(".taskbroker");

  @Spec private @Nullable CommandSpec spec;
  private boolean isAway;

  @Override
  public Integer call() throws InterruptedException {
    if (spec == null) {
      throw new IllegalStateException("not called through picocli");
    }
    if (tasks != null && tasks < 0) {
      throw new ParameterException(
          spec.commandLine(), "--tasks must not be negative, was " + tasks);
    }
    Addresses server = Addresses.read(state.toAbsolutePath().normalize());
    PrintWriter out = spec.commandLine().getOut();
    ManagedChannel channel =
        Grpc.newChannelBuilder(server.broker(), InsecureChannelCredentials.create())
            .userAgent("dev-work")
            .build();
    try {
      say(
          out,
          "Working for %s at %s"
              .formatted(
                  application == null ? "all applications" : "application '" + application + "'",
                  server.broker()));
      if (application != null) {
        WaitingApplications.note(server.dashboard(), application).ifPresent(note -> say(out, note));
      }
      work(ConsumerServiceGrpc.newBlockingStub(channel), out);
    } finally {
      channel.shutdownNow();
    }
    return 0;
  }

  private void work(ConsumerServiceBlockingStub broker, PrintWriter out)
      throws InterruptedException {
    long done = 0;
    while (tasks == null || done < tasks) {
      try {
        Optional<TaskActivation> task = next(broker);
        if (task.isPresent()) {
          say(out, line(task.get()));
          report(broker, task.get());
          done++;
        } else {
          Thread.sleep(REST);
        }
        isAway = false;
      } catch (StatusRuntimeException e) {
        if (!isAway) {
          isAway = true;
          say(out, "The broker does not serve (%s); asking again".formatted(e.getStatus()));
        }
        Thread.sleep(AWAY);
      }
    }
  }

  private Optional<TaskActivation> next(ConsumerServiceBlockingStub broker) {
    GetTaskRequest.Builder wish = GetTaskRequest.newBuilder();
    if (application != null) {
      wish.setApplication(application);
    }
    try {
      return Optional.of(soon(broker).getTask(wish.build()).getTask());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private void report(ConsumerServiceBlockingStub broker, TaskActivation task) {
    var _ =
        soon(broker)
            .setTaskStatus(
                SetTaskStatusRequest.newBuilder()
                    .setId(task.getId())
                    .setStatus(
                        fails
                            ? TaskActivationStatus.TASK_ACTIVATION_STATUS_FAILURE
                            : TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE)
                    .build());
  }

  private static ConsumerServiceBlockingStub soon(ConsumerServiceBlockingStub broker) {
    return broker.withDeadlineAfter(CALL.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** A task as a call: its name, its arguments, whose it is. */
  static String line(TaskActivation task) {
    TaskContents contents = new ReadableActivations().read(task.toByteArray());
    String arguments =
        contents.json() != null
            ? contents.json()
            : contents.unreadable() != null
                ? "? " + contents.unreadable()
                : TaskArguments.readable(contents.arguments());
    return "%s(%s)  application '%s', id %s"
        .formatted(
            new TaskName(task.getNamespace(), task.getTaskname()).words(),
            arguments,
            task.getApplication(),
            task.getId());
  }

  private static void say(PrintWriter out, String words) {
    out.println(CLOCK.format(LocalTime.now(ZoneId.systemDefault())) + "  " + words);
    out.flush();
  }
}
