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
import picocli.CommandLine.Parameters;
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
      paramLabel = "FILE",
      description = "The store, as store.sqlite.path names it.")
  private @Nullable Path file;

  @Parameters(index = "1", paramLabel = "OUT", description = "The file to write.")
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

  @Override
  public Integer call() throws IOException {
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
