package io.taskbroker.quickstart;

import io.taskbroker.workload.Programs;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./taskbroker dev} shows the broker at work, without anything to install beside it. */
@Command(
    name = "taskbroker dev",
    description = {
      "Shows the broker at work: a real Kafka inside this program, the packaged broker beside it,"
          + " a producer, and workers over gRPC.",
      "It prints a line a second, and where your own producer or worker can connect. Ctrl-C stops"
          + " everything in order."
    },
    footer = {
      "",
      "Examples:",
      "  ./taskbroker dev                        until Ctrl-C",
      "  ./taskbroker dev --tasks 20000 --exit   that many, then a summary; exits 1 if one is"
          + " missing",
      "  ./taskbroker dev --postgres             the same, with the tasks in a database",
      "  ./taskbroker dev --quiet                for tasks of your own, for days; in another"
          + " terminal:",
      "  ./taskbroker dev work                   prints each task, and reports it done",
      "  ./taskbroker dev send mail.welcome '[7, \"a@b.c\"]'",
      "  ./taskbroker dev send mail.bounce --dead-letter && ./taskbroker dev work --fail --tasks 1"
          + "   fails"
    },
    subcommands = {SendCommand.class, WorkCommand.class},
    usageHelpWidth = 100,
    sortOptions = false)
public final class Dev implements Callable<Integer> {
  /** Enough to see things move, and to read what moves. */
  private static final int LEISURELY = 50;

  /**
   * Well within what a small machine does with everything on it, so that latencies mean something.
   */
  private static final int BRISK = 2_000;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--quiet",
      description = {
        "A development server: no tasks and no workers but yours, a line when something happens,",
        "and a topic that does not exist is made when something is sent to it."
      })
  private boolean quiet;

  @Option(
      names = "--tasks",
      paramLabel = "N",
      description = "Produce N tasks and no more; 0 for none. Default: no end.")
  private @Nullable Long tasks;

  @Option(
      names = "--exit",
      description = "Leave when the last of the --tasks is done, with a summary.")
  private boolean exit;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = {
        "Tasks a second; 0 for none. Default: " + LEISURELY + ", with --tasks " + BRISK + ".",
        "Fewer while " + PacedProducer.MOST_UNDER_WAY + " are under way."
      })
  private @Nullable Integer rate;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "32",
      description = "How many; 0 for none. Default: ${DEFAULT-VALUE}")
  private int workers;

  @Option(
      names = "--push",
      description = "The broker calls the workers, instead of them asking it.")
  private boolean push;

  @Option(
      names = "--postgres",
      description = {
        "Keeps the tasks in a Postgres, which is started beside Kafka, instead of in a file.",
        "Its program comes with this build, for Linux on x86-64."
      })
  private boolean postgres;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      defaultValue = ".taskbroker",
      description = "Where Kafka and the broker keep their files. Default: ${DEFAULT-VALUE}")
  private Path state = Path.of(".taskbroker");

  @Option(
      names = "--kafka-port",
      paramLabel = "PORT",
      defaultValue = "9092",
      description = "If it is taken, another one. Default: ${DEFAULT-VALUE}")
  private int kafkaPort;

  @Option(
      names = "--grpc-port",
      paramLabel = "PORT",
      defaultValue = "50051",
      description = "If it is taken, another one. Default: ${DEFAULT-VALUE}")
  private int grpcPort;

  @Option(
      names = "--admin-port",
      paramLabel = "PORT",
      defaultValue = "8081",
      description = "Of the admin API. If it is taken, another one. Default: ${DEFAULT-VALUE}")
  private int adminPort;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this text.")
  @SuppressWarnings("unused") // picocli looks at the option
  private boolean help;

  public static void main(String[] arguments) {
    System.exit(Programs.commandLine(new Dev()).execute(arguments));
  }

  @Override
  public Integer call() {
    Demo demo = new Demo(settings(), exit, System.out);
    Interruption.stops(demo);
    return demo.run();
  }

  private DevSettings settings() {
    if (exit && tasks == null) {
      throw new ParameterException(
          commandLine(), "--exit needs --tasks: without it there is no end");
    }
    if (exit
        && (workers == 0 || Integer.valueOf(0).equals(rate))
        && !Long.valueOf(0).equals(tasks)) {
      throw new ParameterException(
          commandLine(),
          "--exit waits for the last task: without workers or a rate there is no end");
    }
    if (quiet && (tasks != null || rate != null)) {
      throw new ParameterException(
          commandLine(), "--quiet has no load of its own: --tasks and --rate do not go with it");
    }
    if (quiet && push) {
      throw new ParameterException(
          commandLine(),
          "--push calls the demo's own workers, and --quiet has none. To have tasks pushed to a"
              + " worker of yours, tell the broker where it is: TASKBROKER_DELIVERY_MODE=push"
              + " TASKBROKER_WORKER_MAP='{APPLICATION=http://HOST:PORT}' ./taskbroker dev --quiet");
    }
    try {
      return new DevSettings(
          state.toAbsolutePath().normalize(),
          tasks == null ? DevSettings.ENDLESS : tasks,
          rate != null ? rate : tasks == null ? LEISURELY : BRISK,
          workers,
          push ? DevSettings.Delivery.PUSH : DevSettings.Delivery.PULL,
          postgres ? DevSettings.Keeping.POSTGRES : DevSettings.Keeping.FILE,
          new DevSettings.Ports(kafkaPort, grpcPort, adminPort),
          quiet);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private CommandLine commandLine() {
    return spec == null ? new CommandLine(this) : spec.commandLine();
  }
}
