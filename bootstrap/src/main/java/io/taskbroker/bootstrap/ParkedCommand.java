package io.taskbroker.bootstrap;

import io.taskbroker.adapters.postgres.ParkedInDatabase;
import io.taskbroker.adapters.sqlite.ParkedRows;
import io.taskbroker.bootstrap.operator.ParkedInBroker;
import io.taskbroker.inflight.ParkedStore;
import io.taskbroker.inflight.ParkedStore.Parked;
import io.taskbroker.settings.reading.OneLine;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code taskbroker parked …}: what Kafka has refused, and what is to become of it. */
@Command(
    name = "parked",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Shows or settles what Kafka has refused: of a running broker, or in the store of a stopped",
      "one, which is a FILE, or with --postgres the database of the configuration.",
      "A broker tries its parked rows again whenever it starts."
    })
final class ParkedCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @ParentCommand private @Nullable TaskbrokerCommand command;

  @Override
  public void run() {
    out().println(Given.that(spec).commandLine().getUsageMessage());
    out().flush();
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Shows what is parked, oldest first, and why.")
  int list(
      @Parameters(
              paramLabel = "FILE",
              arity = "0..1",
              description = "The store of a stopped broker; without it a running one is asked.")
          @Nullable Path file,
      @Option(names = "--postgres", description = "Those of all partitions of the database.")
          boolean postgres,
      @Mixin ParkedInBroker broker)
      throws IOException {
    if (Stream.of(file != null, postgres, broker.isNamed()).filter(given -> given).count() > 1) {
      throw new ParameterException(
          Given.that(spec).commandLine(),
          "Name a FILE, a --broker or --postgres, and no two of them.");
    }
    if (file == null && !postgres) {
      return broker.list();
    }
    try (NativeFolder _ = NativeFolder.create();
        ParkedStore rows = open(file)) {
      List<Parked> parked = rows.list();
      parked.forEach(this::show);
      out().printf("%d parked%n", parked.size());
      out().flush();
    }
    return 0;
  }

  /**
   * @param file null for the database of the configuration
   */
  private ParkedStore open(@Nullable Path file) {
    return file == null
        ? ParkedInDatabase.open(Given.that(command).database())
        : ParkedRows.open(file);
  }

  private void show(Parked row) {
    out()
        .printf(
            "%s%n  %s of %s, %d bytes, from %s/%d at %d%n  %s%n",
            OneLine.of(row.id()),
            row.leavesAs(),
            row.taskname().isEmpty() ? "no task" : OneLine.of(row.taskname()),
            row.bytes(),
            row.topic(),
            row.partition(),
            row.offset(),
            OneLine.of(row.reason()));
  }

  @Command(
      name = "retry",
      mixinStandardHelpOptions = true,
      description = {
        "Lets them leave, as if Kafka had not refused them: in a running broker at once, in the"
            + " store of a stopped one with its next start."
      })
  int retry(
      @Mixin Selection selection, @Mixin ParkedInBroker broker, @Mixin ParkedInBroker.Intent intent)
      throws IOException {
    selection.check(broker);
    if (selection.isInBroker(broker)) {
      return settle("retry", selection, broker, intent);
    }
    return change(selection, ParkedStore::retry, "to be tried again");
  }

  @Command(
      name = "drop",
      mixinStandardHelpOptions = true,
      description = "Ends them for good: they are never published.")
  int drop(
      @Mixin Selection selection, @Mixin ParkedInBroker broker, @Mixin ParkedInBroker.Intent intent)
      throws IOException {
    selection.check(broker);
    if (selection.isInBroker(broker)) {
      return settle("drop", selection, broker, intent);
    }
    return change(selection, ParkedStore::drop, "dropped");
  }

  private static int settle(
      String act, Selection selection, ParkedInBroker broker, ParkedInBroker.Intent intent) {
    return selection.all
        ? broker.settleAll(act, intent)
        : broker.settle(act, intent, selection.words);
  }

  /** Which rows of which store, or of a running broker. */
  static final class Selection {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Parameters(
        paramLabel = "[FILE] ID",
        arity = "0..*",
        description = {
          "The store of a stopped broker, unless --broker or --postgres is given; then which rows,",
          "by their ids as list shows them."
        })
    private List<String> words = List.of();

    @Option(names = "--all", description = "All that are parked, instead of some.")
    private boolean all;

    @Option(
        names = "--postgres",
        description = "Of the database of the configuration, where no broker has them.")
    private boolean postgres;

    boolean isInBroker(ParkedInBroker broker) {
      return !postgres && (broker.isNamed() || words.isEmpty());
    }

    /** Null for the database. */
    @Nullable Path file() {
      return postgres ? null : Path.of(words.getFirst());
    }

    List<String> ids() {
      return postgres ? words : words.subList(1, words.size());
    }

    String place() {
      return postgres ? "the database" : words.getFirst();
    }

    /** As the user of the command has to be told, with the usage of that command. */
    void check(ParkedInBroker broker) {
      if (postgres && broker.isNamed()) {
        throw new ParameterException(
            Given.that(command).commandLine(), "Name a --broker or --postgres, and not both.");
      }
      boolean hasNoFile = isInBroker(broker) || postgres;
      boolean areNamed = hasNoFile ? !words.isEmpty() : words.size() > 1;
      if (areNamed == all) {
        throw new ParameterException(
            Given.that(command).commandLine(),
            "Name one ID or several, or say --all, and not both.");
      }
    }
  }

  private int change(
      Selection selection, BiFunction<ParkedStore, Collection<String>, Integer> what, String done)
      throws IOException {
    String place = selection.place();
    try (NativeFolder _ = NativeFolder.create();
        ParkedStore rows = open(selection.file())) {
      List<String> parked = rows.list().stream().map(Parked::id).toList();
      Map<String, List<String>> meant = new LinkedHashMap<>();
      selection.ids().forEach(name -> meant.put(name, meant(name, parked)));
      if (areRefused("not parked", place, meant, List::isEmpty)
          || areRefused("several that are shown so", place, meant, ids -> ids.size() > 1)) {
        return 1;
      }
      List<String> chosen =
          selection.all ? parked : meant.values().stream().flatMap(List::stream).toList();
      out().printf("%d %s%n", what.apply(rows, chosen), done);
      out().flush();
    }
    return 0;
  }

  /** The one that is called so, or else those that are shown so. */
  private static List<String> meant(String name, List<String> parked) {
    return parked.contains(name)
        ? List.of(name)
        : parked.stream().filter(id -> OneLine.of(id).equals(name)).toList();
  }

  private boolean areRefused(
      String why, String place, Map<String, List<String>> meant, Predicate<List<String>> isWrong) {
    List<String> refused = new ArrayList<>();
    meant.forEach(
        (name, ids) -> {
          if (isWrong.test(ids)) {
            refused.add(name);
          }
        });
    if (!refused.isEmpty()) {
      PrintWriter err = Given.that(spec).commandLine().getErr();
      err.printf(
          "taskbroker: %s in %s: %s. Nothing was changed.%n",
          why, place, String.join(", ", refused));
      err.flush();
    }
    return !refused.isEmpty();
  }

  private PrintWriter out() {
    return Given.that(spec).commandLine().getOut();
  }
}
