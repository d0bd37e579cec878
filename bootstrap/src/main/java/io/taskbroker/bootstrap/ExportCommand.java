package io.taskbroker.bootstrap;

import io.taskbroker.adapters.postgres.PostgresSettings;
import io.taskbroker.adapters.postgres.ReferenceReturn;
import io.taskbroker.adapters.protobuf.ProtobufActivationEncoder;
import io.taskbroker.adapters.sqlite.upstream.ReferenceExport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code taskbroker export FILE [-o OUT]}: the way back to the reference broker. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Writes what is left in a stopped broker's store into a file of getsentry/taskbroker.",
      "The store itself is not changed, and an existing file is never overwritten."
    })
final class ExportCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      description = "The store, as store.sqlite.path names it.")
  private @Nullable Path file;

  @Option(
      names = "--postgres",
      description = {
        "Gives the database of the configuration back to getsentry/taskbroker instead: the tasks",
        "in it go into its table. All brokers have to be stopped."
      })
  private boolean postgres;

  @ParentCommand private @Nullable TaskbrokerCommand broker;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "OUT",
      description = "The file to write. FILE.exported, if it is not named.")
  private @Nullable Path out;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (postgres) {
      return giveBack();
    }
    if (file == null) {
      throw wrongly("Name the store's FILE, or --postgres");
    }
    Path store = file;
    Path target = out == null ? store.resolveSibling(store.getFileName() + ".exported") : out;
    try (NativeFolder _ = NativeFolder.create()) {
      report(new ReferenceExport(new ProtobufActivationEncoder()).write(store, target));
    }
    return 0;
  }

  private ParameterException wrongly(String words) {
    return new ParameterException(Given.that(spec).commandLine(), words);
  }

  private int giveBack() {
    PostgresSettings settings = Given.that(broker).database();
    ReferenceReturn.Outcome outcome =
        new ReferenceReturn(settings, new ProtobufActivationEncoder()).run();
    PrintWriter words = Given.that(spec).commandLine().getOut();
    words.printf("%d tasks given back to inflight_taskactivations%n", outcome.tasks());
    if (outcome.badRecords() > 0) {
      words.printf("%d records that are no tasks stay in our tables%n", outcome.badRecords());
    }
    words.flush();
    return 0;
  }

  private void report(ReferenceExport.Outcome outcome) {
    PrintWriter words = Given.that(spec).commandLine().getOut();
    words.printf("%d tasks written to %s%n", outcome.exported(), outcome.out());
    if (outcome.uncertain() > 0) {
      words.printf(
          "%d at-most-once tasks among them are exported as failed: Kafka had not acknowledged"
              + " their offsets, so another broker may get them too%n",
          outcome.uncertain());
    }
    if (outcome.parked() > 0) {
      words.printf(
          "%d tasks among them were refused by Kafka (see taskbroker parked list);"
              + " getsentry/taskbroker drops dead letters that Kafka refuses%n",
          outcome.parked());
    }
    if (outcome.badRecords() > 0) {
      words.printf(
          "%d records that are no tasks were left out; they stay in the store%n",
          outcome.badRecords());
    }
    words.flush();
  }
}
