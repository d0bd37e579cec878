package io.taskbroker.bootstrap;

import io.taskbroker.adapters.protobuf.ActivationLimits;
import io.taskbroker.adapters.protobuf.ProtobufActivationDecoder;
import io.taskbroker.adapters.sqlite.StoreSalvage;
import io.taskbroker.domain.NamePool;
import io.taskbroker.settings.reading.OneLine;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code taskbroker salvage FILE OUT}: what can be read of a damaged store, in a sound file. */
@Command(
    name = "salvage",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Copies what can be read of a stopped broker's damaged store into a new, sound file,",
      "and names what cannot. The store is not changed, and an existing file is never",
      "overwritten."
    },
    exitCodeListHeading = "Exit status:%n",
    exitCodeList = {
      "0:everything was copied",
      "1:nothing was written; the message says why",
      "4:the new file was written, and something could not be copied, or not as it was"
    })
final class SalvageCommand implements Callable<Integer> {
  private static final int NOT_WHOLE = 4;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "FILE",
      description = "The store, as store.sqlite.path names it.")
  private @Nullable Path file;

  @Parameters(index = "1", arity = "0..1", paramLabel = "OUT", description = "The file to write.")
  private @Nullable Path out;

  @Spec private @Nullable CommandSpec spec;

  @ParentCommand private @Nullable TaskbrokerCommand command;

  @Override
  public Integer call() throws IOException {
    Given.that(command)
        .refuseDatabase(
            "The tasks are in Postgres, which salvages by its own means: promote a stand-by, or"
                + " restore a backup; docs/postgres.md says what that loses.");
    if (file == null || out == null) {
      throw new ParameterException(
          Given.that(spec).commandLine(), "Name the store's FILE, and the OUT file to write.");
    }
    try (NativeFolder _ = NativeFolder.create()) {
      long nowMs = new SystemTime().now().wallMs();
      StoreSalvage.Outcome outcome =
          new StoreSalvage(
                  new ProtobufActivationDecoder(ActivationLimits.DEFAULT, new NamePool()), nowMs)
              .write(Given.that(file), Given.that(out));
      report(outcome);
      return outcome.isWhole() ? 0 : NOT_WHOLE;
    }
  }

  private void report(StoreSalvage.Outcome outcome) {
    PrintWriter words = Given.that(spec).commandLine().getOut();
    words.printf(
        "%d tasks and %d rows of finished tasks written to %s%n",
        outcome.tasks(), outcome.finished(), outcome.out());
    outcome.damage().forEach(part -> words.printf("could not be read: %s%n", OneLine.of(part)));
    for (String id : outcome.restored()) {
      words.printf("restored from its payload, its state is lost: task %s%n", OneLine.of(id));
    }
    for (StoreSalvage.Lost lost : outcome.lost()) {
      words.printf(
          "lost: task %s with key %d, %s: %s%n",
          lost.id().isEmpty() ? "of unknown id" : OneLine.of(lost.id()),
          lost.key(),
          lost.topic().isEmpty()
              ? "of unknown origin"
              : "from %s/%d at %d"
                  .formatted(OneLine.of(lost.topic()), lost.partition(), lost.offset()),
          OneLine.of(lost.reason()));
    }
    words.flush();
  }
}
