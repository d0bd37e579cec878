package io.taskbroker.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.all;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static io.taskbroker.architecture.BrokerModule.ADAPTERS_GRPC;
import static io.taskbroker.architecture.BrokerModule.ADAPTERS_HTTP;
import static io.taskbroker.architecture.BrokerModule.ADAPTERS_KAFKA;
import static io.taskbroker.architecture.BrokerModule.ADAPTERS_METRICS;
import static io.taskbroker.architecture.BrokerModule.ADAPTERS_POSTGRES;
import static io.taskbroker.architecture.BrokerModule.ADAPTERS_PROTOBUF;
import static io.taskbroker.architecture.BrokerModule.ADAPTERS_SQLITE;
import static io.taskbroker.architecture.BrokerModule.BENCHMARKS;
import static io.taskbroker.architecture.BrokerModule.BOOTSTRAP;
import static io.taskbroker.architecture.BrokerModule.EMBEDDED_KAFKA;
import static io.taskbroker.architecture.BrokerModule.EMBEDDED_POSTGRES;
import static io.taskbroker.architecture.BrokerModule.FUZZING;
import static io.taskbroker.architecture.BrokerModule.PROTO;
import static io.taskbroker.architecture.BrokerModule.PROVING;
import static io.taskbroker.architecture.BrokerModule.QUICKSTART;
import static io.taskbroker.architecture.BrokerModule.SETTINGS;
import static io.taskbroker.architecture.BrokerModule.SIMULATION;
import static io.taskbroker.architecture.BrokerModule.WORKLOAD;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.AbstractClassesTransformer;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Who may know whom. */
final class BoundaryRules {
  private BoundaryRules() {}

  static Map<String, ArchRule> under(String root) {
    Map<String, ArchRule> rules = new LinkedHashMap<>();
    for (BrokerModule module : BrokerModule.values()) {
      rules.put(module.path() + " knows only what it may", knowsOnlyWhatItMay(module, root));
    }
    rules.put(
        "SQL has one home",
        home(
                root,
                List.of(
                    ADAPTERS_SQLITE,
                    ADAPTERS_POSTGRES,
                    EMBEDDED_POSTGRES,
                    WORKLOAD,
                    PROVING,
                    BENCHMARKS),
                "java.sql..",
                "javax.sql..")
            .because("a store is a journal behind a port, whatever it is made of"));
    rules.put(
        "SQLite has one home",
        home(root, List.of(ADAPTERS_SQLITE, WORKLOAD, PROVING, BENCHMARKS), "org.sqlite..")
            .because("a store is a journal behind a port, whatever it is made of"));
    rules.put(
        "Postgres has one home",
        home(root, List.of(ADAPTERS_POSTGRES, EMBEDDED_POSTGRES), "org.postgresql..")
            .because("a store is a journal behind a port, whatever it is made of"));
    rules.put(
        "pools of connections are with what they lead to",
        home(
                root,
                List.of(ADAPTERS_SQLITE, ADAPTERS_POSTGRES, WORKLOAD, PROVING, BENCHMARKS),
                "com.zaxxer.hikari..")
            .because("a store is a journal behind a port, whatever it is made of"));
    rules.put(
        "Kafka has one home",
        home(
                root,
                List.of(ADAPTERS_KAFKA, EMBEDDED_KAFKA, WORKLOAD, PROVING, FUZZING, QUICKSTART),
                "org.apache.kafka..",
                "kafka..")
            .because("records come from a source and go to a publisher, whatever they are"));
    rules.put(
        "gRPC has one home",
        home(
                root,
                List.of(PROTO, ADAPTERS_GRPC, WORKLOAD, PROVING, FUZZING, QUICKSTART, BENCHMARKS),
                "io.grpc..")
            .because("dispatch answers workers, however they ask"));
    rules.put(
        "protobuf has two homes",
        home(
                root,
                List.of(
                    PROTO,
                    ADAPTERS_PROTOBUF,
                    ADAPTERS_GRPC,
                    WORKLOAD,
                    PROVING,
                    FUZZING,
                    QUICKSTART,
                    BENCHMARKS),
                "com.google.protobuf..",
                root + ".proto..")
            .because("payloads pass through the core untouched"));
    rules.put(
        "payload encodings have one home",
        home(root, List.of(ADAPTERS_PROTOBUF, QUICKSTART), "org.msgpack..", "com.github.luben..")
            .because("payloads pass through the core untouched"));
    rules.put(
        "metrics have one home",
        home(root, List.of(ADAPTERS_METRICS), "com.timgroup.statsd..", "io.prometheus..")
            .because("the parts count in our words, whoever listens"));
    rules.put(
        "HTTP has one home",
        home(root, List.of(ADAPTERS_HTTP), "org.eclipse.jetty..", "com.sun.net.httpserver..")
            .because("each listener stands behind the same wall"));
    rules.put(
        "error reports have one home",
        home(root, List.of(BOOTSTRAP), "io.sentry..")
            .because("an error is a log line; who else hears of it is the operator's choice"));
    rules.put(
        "only bootstrap wires",
        home(root, List.of(BOOTSTRAP), "dagger..", "jakarta.inject..", "javax.inject..")
            .because("a reader finds the whole object graph in one place"));
    rules.put(
        "configuration has one home",
        home(root, List.of(SETTINGS), "org.yaml..")
            .because("settings reach everybody else as records"));
    rules.put("the library of settings knows nothing of ours", theLibraryStandsAlone(root));
    rules.put("the journal knows nothing of the reference's files", theJournalStandsAlone(root));
    rules.put(
        "commands have one home",
        home(
                root,
                List.of(BOOTSTRAP, WORKLOAD, PROVING, FUZZING, SIMULATION, QUICKSTART, BENCHMARKS),
                "picocli..")
            .because("what the parts can do does not depend on how people ask for it"));
    rules.put("every class has a module", everyClassHasAModule(root));
    rules.put("no module is empty", noModuleIsEmpty(root));
    rules.put("packages form no cycles", packagesFormNoCycles(root));
    return rules;
  }

  private static ArchRule knowsOnlyWhatItMay(BrokerModule module, String root) {
    return classes()
        .that()
        .resideInAPackage(module.packages(root))
        .should()
        .onlyDependOnClassesThat(module.known(root))
        .because("BrokerModule names all that it may know");
  }

  /** Nobody but these modules mentions the given packages. */
  private static ArchRule home(String root, List<BrokerModule> homes, String... packages) {
    return noClasses()
        .that()
        .resideInAPackage(root + "..")
        .and()
        .resideOutsideOfPackages(
            homes.stream().map(module -> module.packages(root)).toArray(String[]::new))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages);
  }

  private static ArchRule theLibraryStandsAlone(String root) {
    String library = SETTINGS.packages(root).replace("..", ".reading..");
    return noClasses()
        .that()
        .resideInAPackage(library)
        .should()
        .dependOnClassesThat(resideInAPackage(root + "..").and(not(resideInAPackage(library))))
        .because("a program with other keys can be configured by it, too");
  }

  private static ArchRule theJournalStandsAlone(String root) {
    String upstream = ADAPTERS_SQLITE.packages(root).replace("..", ".upstream..");
    return noClasses()
        .that()
        .resideInAPackage(ADAPTERS_SQLITE.packages(root))
        .and()
        .resideOutsideOfPackage(upstream)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(upstream)
        .because("import and export can go once nobody comes from the reference any more");
  }

  private static ArchRule everyClassHasAModule(String root) {
    return classes()
        .that()
        .resideInAPackage(root + "..")
        .should()
        .resideInAnyPackage(
            Stream.of(BrokerModule.values())
                .map(module -> module.packages(root))
                .toArray(String[]::new))
        .because("what belongs to no module is kept by no rule");
  }

  private static ArchRule noModuleIsEmpty(String root) {
    return all(new ModuleContents(root)).should(new BeNonEmpty());
  }

  private static ArchRule packagesFormNoCycles(String root) {
    return slices()
        .assignedFrom(new ByPackage(root))
        .should()
        .beFreeOfCycles()
        .because("of two packages one can be understood without the other");
  }

  private record Content(BrokerModule module, boolean empty) {}

  /** For each module whether it has classes that somebody wrote. */
  private static final class ModuleContents extends AbstractClassesTransformer<Content> {
    private final String root;

    ModuleContents(String root) {
      super("modules");
      this.root = root;
    }

    @Override
    public Iterable<Content> doTransform(JavaClasses classes) {
      return Stream.of(BrokerModule.values())
          .map(module -> new Content(module, isEmpty(module, classes)))
          .toList();
    }

    private boolean isEmpty(BrokerModule module, JavaClasses classes) {
      var inside = JavaClass.Predicates.resideInAPackage(module.packages(root));
      return classes.stream()
          .filter(inside)
          .allMatch(one -> one.getSimpleName().equals("package-info"));
    }
  }

  private static final class BeNonEmpty extends ArchCondition<Content> {
    BeNonEmpty() {
      super("have classes, since a rule about none holds always");
    }

    @Override
    public void check(Content content, ConditionEvents events) {
      String message = content.module().path() + (content.empty() ? " is empty" : " is there");
      events.add(new SimpleConditionEvent(content, !content.empty(), message));
    }
  }

  /** Each package is a slice of its own. */
  private static final class ByPackage implements SliceAssignment {
    private final String root;

    ByPackage(String root) {
      this.root = root;
    }

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass one) {
      return one.getPackageName().startsWith(root + ".")
          ? SliceIdentifier.of(one.getPackageName())
          : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "packages under " + root;
    }
  }
}
