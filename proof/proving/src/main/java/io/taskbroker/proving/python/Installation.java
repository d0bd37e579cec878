package io.taskbroker.proving.python;

import io.taskbroker.embeddedkafka.FolderLock;
import io.taskbroker.workload.process.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The reference's client on this machine, or why it is not there. */
public sealed interface Installation {
  record Ready(PythonClient client) implements Installation {}

  /**
   * @param remedy says in a sentence what is missing, and how to get it
   */
  record Missing(String remedy) implements Installation {}

  /**
   * Installs it into a virtual environment, unless it is there; the first time it is fetched from
   * the package index.
   *
   * @param environment folder that is kept between runs
   * @param notes folder that is kept, too, for the log of what is done
   */
  static Installation in(Path environment, Path notes) {
    return new Installer(environment, notes).install();
  }

  /** One installation. */
  final class Installer {
    private static final List<String> INTERPRETERS =
        List.of("python3.11", "python3.12", "python3.13", "python3.14", "python3");

    /** The client's own lower bound, and the modules that an environment is made with. */
    private static final String IS_FIT =
        "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";

    private static final String REQUIREMENTS = "requirements.txt";
    private static final Duration STEP = Duration.ofMinutes(10);

    private final Path environment;
    private final Path notes;
    private final Path log;

    private Installer(Path environment, Path notes) {
      this.environment = environment;
      this.notes = notes;
      this.log = notes.resolve("installation.log");
    }

    /** One run at a time: all runs of this checkout share the environment. */
    private Installation install() {
      Path lock = environment.resolveSibling(environment.getFileName() + "-lock");
      try (FolderLock _ = FolderLock.take(lock, "wait until that run has installed the client")) {
        return installAlone();
      }
    }

    private Installation installAlone() {
      PythonClient client =
          PythonClient.reference(environment.resolve("bin/python").toAbsolutePath());
      if (isDone()) {
        return new Ready(client);
      }
      Optional<String> interpreter =
          INTERPRETERS.stream().filter(name -> succeeds(name, "-c", IS_FIT)).findFirst();
      if (interpreter.isEmpty()) {
        return new Missing(
            "needs Python 3.11 or newer with venv and pip, and finds none on the PATH; install it,"
                + " for example with 'apt-get install python3 python3-venv'");
      }
      delete(environment);
      Path wanted = Resources.copy(REQUIREMENTS, notes);
      if (succeeds(interpreter.get(), "-m", "venv", environment.toString())
          && succeeds(
              client.interpreter(), "-m", "pip", "install", "-q", "-r", wanted.toString())) {
        Resources.copy(REQUIREMENTS, environment);
        return new Ready(client);
      }
      return new Missing(
          "pip could not install %s, see %s; it has to reach a package index, and PIP_INDEX_URL names another one"
              .formatted(Resources.text(REQUIREMENTS).lines().toList(), log));
    }

    /** The copy of what was asked for is written last. */
    private boolean isDone() {
      Path installed = environment.resolve(REQUIREMENTS);
      try {
        return Files.exists(installed)
            && Files.readString(installed).equals(Resources.text(REQUIREMENTS));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + installed, e);
      }
    }

    private boolean succeeds(String... command) {
      try (var process = ChildProcess.start(List.of(command), log)) {
        return process.awaitExit(STEP) == 0; // 127 if there is no such program
      }
    }

    private static void delete(Path folder) {
      if (!Files.exists(folder)) {
        return;
      }
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot remove " + folder, e);
      }
    }
  }
}
