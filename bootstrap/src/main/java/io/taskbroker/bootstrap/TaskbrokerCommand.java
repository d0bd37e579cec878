package io.taskbroker.bootstrap;

import io.taskbroker.adapters.postgres.DatabaseCheck;
import io.taskbroker.adapters.postgres.PostgresSettings;
import io.taskbroker.adapters.postgres.UnusableDatabaseException;
import io.taskbroker.adapters.sqlite.UnusableFileException;
import io.taskbroker.adapters.tls.TlsFiles;
import io.taskbroker.bootstrap.operator.ActCommand;
import io.taskbroker.bootstrap.operator.AuditCommand;
import io.taskbroker.bootstrap.operator.ConfigurationCommand;
import io.taskbroker.bootstrap.operator.DeadLettersCommand;
import io.taskbroker.bootstrap.operator.DrainCommand;
import io.taskbroker.bootstrap.operator.KafkaCommand;
import io.taskbroker.bootstrap.operator.LogLevelCommand;
import io.taskbroker.bootstrap.operator.PauseCommand;
import io.taskbroker.bootstrap.operator.QueuesCommand;
import io.taskbroker.bootstrap.operator.Refused;
import io.taskbroker.bootstrap.operator.ResumeCommand;
import io.taskbroker.bootstrap.operator.RulesCommand;
import io.taskbroker.bootstrap.operator.StatusCommand;
import io.taskbroker.bootstrap.operator.TaskCommand;
import io.taskbroker.bootstrap.operator.TasksCommand;
import io.taskbroker.bootstrap.operator.TopCommand;
import io.taskbroker.bootstrap.operator.UpcomingCommand;
import io.taskbroker.bootstrap.operator.WhyCommand;
import io.taskbroker.bootstrap.operator.WorkersCommand;
import io.taskbroker.settings.Configuration;
import io.taskbroker.settings.reading.InvalidConfigException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/** The command line. */
@Command(
    name = "taskbroker",
    description = "Takes tasks from Kafka, keeps them, and hands them to workers over gRPC.",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    subcommands = {
      ExportCommand.class,
      BackupCommand.class,
      ParkedCommand.class,
      SalvageCommand.class,
      StatusCommand.class,
      QueuesCommand.class,
      TasksCommand.class,
      TaskCommand.class,
      WhyCommand.class,
      WorkersCommand.class,
      UpcomingCommand.class,
      PauseCommand.class,
      ResumeCommand.class,
      DrainCommand.class,
      ActCommand.Cancel.class,
      ActCommand.Complete.class,
      ActCommand.RunNow.class,
      ActCommand.GiveBack.class,
      ActCommand.Requeue.class,
      DeadLettersCommand.class,
      KafkaCommand.class,
      RulesCommand.class,
      ConfigurationCommand.class,
      LogLevelCommand.class,
      AuditCommand.class,
      TopCommand.class
    },
    sortOptions = false)
final class TaskbrokerCommand implements Callable<Integer> {
  /** What {@code --run} may name. */
  enum Run {
    BROKER,
    MIGRATIONS;

    static final class Converter implements ITypeConverter<Run> {
      @Override
      public Run convert(String word) {
        return Stream.of(values())
            .filter(run -> run.name().toLowerCase(Locale.ROOT).equals(word))
            .findFirst()
            .orElseThrow(
                () -> new TypeConversionException("'" + word + "' is not broker or migrations"));
      }
    }
  }

  private final Map<String, String> environment;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = {
        "A YAML file with settings; TASKBROKER_… variables override it.",
        "A relative path is looked for in this folder and in those above it."
      })
  private @Nullable Path config;

  @Option(
      names = {"-r", "--run"},
      paramLabel = "WHAT",
      converter = Run.Converter.class,
      description = "broker (the default), or migrations.")
  private Run run = Run.BROKER;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  private TaskbrokerCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  static CommandLine line(Map<String, String> environment) {
    return new CommandLine(new TaskbrokerCommand(environment))
        .setParameterExceptionHandler(new Slips())
        .setExecutionExceptionHandler(TaskbrokerCommand::explain);
  }

  /** Runs the broker until it is stopped. */
  @Override
  public Integer call() {
    return new BrokerRun(load(), environment).run(run);
  }

  @Command(
      name = "check-config",
      mixinStandardHelpOptions = true,
      versionProvider = Version.class,
      description = {
        "Shows the effective configuration and where each value was written, and opens the files",
        "of TLS that it names. With --connect it also asks Postgres, where tasks are kept there,",
        "and says after the configuration what it has reached.",
        "With a configuration that cannot be used it shows what is wrong, and nothing else."
      })
  int checkConfig(
      @Option(
              names = "--connect",
              description =
                  "Connects to the database: whether it takes writes, and has the tables of this"
                      + " version.")
          boolean connects) {
    Configuration configuration = load();
    if (configuration.problems().isEmpty()) {
      out().print(configuration.redactedWithOrigins());
      out().flush();
    }
    List<String> warnings = new ArrayList<>(configuration.warnings());
    List<String> problems = new ArrayList<>(configuration.problems());
    List<String> reached = new ArrayList<>();
    if (problems.isEmpty()) {
      TlsFiles files = NamedFiles.ofTls(configuration.settings(), new SystemTime());
      warnings.addAll(files.remarks());
      problems.addAll(files.problems());
      if (connects && configuration.settings().postgres().isPresent()) {
        switch (DatabaseCheck.run(configuration.settings().postgres().get())) {
          case DatabaseCheck.Finding.Fit(String line) -> reached.add(line);
          case DatabaseCheck.Finding.Unfit(String reason) -> problems.add(reason);
        }
      }
    }
    report("reached", reached);
    report("worth a look", warnings);
    report("newer names", configuration.hints());
    report("accepted, without effect", configuration.withoutEffect());
    report("to be mended before the broker starts", problems);
    return problems.isEmpty() ? 0 : 1;
  }

  /** The configuration that the command line and the environment name. */
  Configuration load() {
    return Configuration.load(config, Path.of(""), environment);
  }

  /**
   * The database of the configuration.
   *
   * @throws Refused if it keeps tasks in a file
   */
  PostgresSettings database() {
    return load()
        .settings()
        .postgres()
        .orElseThrow(() -> new Refused("The configuration's store is a file: name it."));
  }

  /**
   * Refuses what is done to files, if the configuration says that tasks are in a database. Without
   * one on the command line it is not asked.
   *
   * @param instead what is done to a database in its place, as a sentence
   * @throws Refused if it says so
   */
  void refuseDatabase(String instead) {
    if (config != null && load().settings().postgres().isPresent()) {
      throw new Refused(instead);
    }
  }

  private void report(String title, List<String> findings) {
    if (!findings.isEmpty()) {
      err().printf("%n%s:%n", title);
      findings.forEach(finding -> err().println("  - " + finding));
      err().flush();
    }
  }

  private PrintWriter out() {
    return commandLine().getOut();
  }

  private PrintWriter err() {
    return commandLine().getErr();
  }

  private CommandLine commandLine() {
    if (spec == null) {
      throw new IllegalStateException("not called through picocli");
    }
    return spec.commandLine();
  }

  private static int explain(
      Exception thrown, CommandLine commandLine, CommandLine.ParseResult parsed) {
    boolean isAdvice =
        thrown instanceof InvalidConfigException
            || thrown instanceof UnusableDatabaseException
            || thrown instanceof UnusableFileException
            || thrown instanceof Refused;
    String text = isAdvice ? thrown.getMessage() : "" + thrown;
    commandLine.getErr().println("taskbroker: " + text);
    return 1;
  }
}
