package io.taskbroker.bootstrap;

import io.taskbroker.adapters.postgres.Migrations;
import io.taskbroker.adapters.postgres.UnusableDatabaseException;
import io.taskbroker.adapters.tls.TlsFiles;
import io.taskbroker.bootstrap.TaskbrokerCommand.Run;
import io.taskbroker.bootstrap.logging.LastWords;
import io.taskbroker.bootstrap.logging.Logging;
import io.taskbroker.bootstrap.logging.Multiline;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.settings.BrokerConfig;
import io.taskbroker.settings.Configuration;
import io.taskbroker.settings.LogFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of the broker, from its banner to its exit status. */
final class BrokerRun {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker");

  private final Configuration configuration;
  private final Map<String, String> environment;

  BrokerRun(Configuration configuration, Map<String, String> environment) {
    this.configuration = configuration;
    this.environment = environment;
  }

  /**
   * Returns the exit status.
   *
   * @throws io.taskbroker.settings.reading.InvalidConfigException before anything has happened, if
   *     the configuration cannot be used, and people read the log
   */
  int run(Run run) {
    if (!configuration.problems().isEmpty() && configuration.log().format() == LogFormat.JSON) {
      return refuseInJson();
    }
    BrokerConfig config = configuration.settings();
    System.out.println("taskbroker starting");
    System.out.println("version: " + Version.text());
    LastWords reports = startLogging(config);
    configuration.warnings().forEach(LOG::warn);
    if (!configuration.withoutEffect().isEmpty()) {
      LOG.info(
          "These settings are accepted, and change nothing in this version: {}",
          String.join(", ", configuration.withoutEffect()));
    }
    LOG.atInfo()
        .addKeyValue("config", new Multiline(configuration.redacted()))
        .log("Configuration");
    if (run == Run.BROKER) {
      Exposure.of(config).ifPresent(LOG::warn);
      Exposure.ofTokens(config).ifPresent(LOG::warn);
    }
    return switch (run) {
      case MIGRATIONS -> migrate(config);
      case BROKER -> serve(reports);
    };
  }

  /** Whoever reads the log expects an object on each line, and nothing else. */
  private int refuseInJson() {
    Logging.start(configuration.log(), null);
    configuration.problems().forEach(problem -> LOG.error("configuration: " + problem));
    return 1;
  }

  /** What it returns sends the last reports, where errors are reported. */
  private LastWords startLogging(BrokerConfig config) {
    String noColor = environment.get("NO_COLOR");
    if (config.reports().isEmpty()) {
      Logging.start(config.log(), noColor);
      return () -> {};
    }
    return Logging.start(
        config.log(), noColor, config.reports().get(), Version.text(), LastWords.PATIENCE);
  }

  private static int migrate(BrokerConfig config) {
    if (config.postgres().isEmpty()) {
      LOG.warn(
          "Nothing to migrate: a SQLite store is brought up to date whenever the broker starts");
      return 0;
    }
    try {
      new Migrations(config.postgres().get(), new SystemTime(), System.out::println).run();
      return 0;
    } catch (UnusableDatabaseException e) {
      LOG.debug("The migrations failed", e);
      LOG.error("The database was not migrated: {}", e.getMessage());
      return 1;
    }
  }

  private int serve(LastWords reports) {
    Shutdown shutdown = Shutdown.install(Shutdown.PATIENCE);
    int status = 1;
    try (NativeFolder folder = NativeFolder.create()) {
      status = serveUntilAsked(shutdown, folder.path());
    } catch (IOException e) {
      LOG.error(
          "Nothing can be unpacked into {} ({}). Name a folder that can be written to, and is not"
              + " mounted noexec, with -Djava.io.tmpdir=FOLDER",
          System.getProperty("java.io.tmpdir"),
          e.toString());
    } finally {
      Together.close(List.of(reports));
      shutdown.finished(status);
    }
    return status;
  }

  private int serveUntilAsked(Shutdown shutdown, Path temporary) {
    if (!configuration.settings().threadDumps()) {
      return serveUntilAsked(new SystemTime(), shutdown, temporary);
    }
    var time = new SystemTime();
    try (ThreadDumps _ = ThreadDumps.start(time)) {
      return serveUntilAsked(time, shutdown, temporary);
    }
  }

  private int serveUntilAsked(TimeSource time, Shutdown shutdown, Path temporary) {
    BrokerConfig config = configuration.settings();
    TlsFiles files = NamedFiles.ofTls(config, time);
    if (!files.problems().isEmpty()) {
      files.problems().forEach(problem -> LOG.error("The broker does not start: {}", problem));
      return 1;
    }
    BrokerComponent parts = DaggerBrokerComponent.factory().create(configuration, time, shutdown);
    var broker =
        new RunningBroker(
            parts,
            config.grpc().isEnabled(),
            running ->
                Rehearsal.wanted(
                    config,
                    time,
                    RehearsalRoom.in(temporary),
                    running::isReading,
                    running::hasWorked));
    try {
      broker.start(shutdown::isRequested);
    } catch (RuntimeException e) {
      LOG.debug("The start failed", e);
      broker.stop();
      LOG.error("The broker does not start: {}", e.getMessage());
      return 1;
    }
    Shutdown.Reason reason = shutdown.awaitRequest();
    LOG.info("Stopping");
    broker.stop();
    return switch (reason) {
      case Shutdown.Reason.Signalled _ -> {
        LOG.info("Stopped");
        yield 0;
      }
      case Shutdown.Reason.Drained _ -> {
        LOG.info("Stopped: the broker was drained, and is empty");
        yield 0;
      }
      case Shutdown.Reason.Failed(String what) -> {
        LOG.error("Stopped: {}", what);
        yield 1;
      }
    };
  }
}
