package io.taskbroker.bootstrap;

import io.taskbroker.adapters.sqlite.StoreBackup;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code taskbroker backup FILE OUT}: a copy of a store in use. */
@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Copies a store, also while its broker runs: as it was at one moment, and ready to be used.",
      "An existing file is never overwritten."
    })
final class BackupCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "FILE",
      description = "The store, as store.sqlite.path names it.")
  private @Nullable Path file;

  @Parameters(index = "1", arity = "0..1", paramLabel = "OUT", description = "The file to write.")
  private @Nullable Path out;

  @Option(
      names = "--within",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = {
        "Gives up after so many seconds; ${DEFAULT-VALUE} if not given.",
        "Until the copy is done, the broker's write-ahead log cannot be cut."
      })
  private int withinSec;

  @Spec private @Nullable CommandSpec spec;

  @ParentCommand private @Nullable TaskbrokerCommand command;

  @Override
  public Integer call() throws IOException {
    Given.that(command)
        .refuseDatabase(
            "The tasks are in Postgres: back it up with pg_dump or its base backups, and rather"
                + " keep a stand-by; docs/postgres.md says what a restored one has lost.");
    if (file == null || out == null) {
      throw new ParameterException(
          Given.that(spec).commandLine(), "Name the store's FILE, and the OUT file to write.");
    }
    Path target = Given.that(out);
    try (NativeFolder _ = NativeFolder.create()) {
      long bytes = StoreBackup.write(Given.that(file), target, Duration.ofSeconds(withinSec));
      PrintWriter words = Given.that(spec).commandLine().getOut();
      words.printf("%d bytes written to %s%n", bytes, target);
      words.flush();
    }
    return 0;
  }
}
