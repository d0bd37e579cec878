package io.taskbroker.architecture;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The classes under {@code wrong}, by the rule that each of them breaks. */
final class WrongCode {
  static final String ROOT = "wrong";

  /** Needed by the others, and right. */
  static final List<String> BYSTANDERS =
      List.of(
          "adapters.kafka.bystander.Bystander",
          "adapters.sqlite.upstream.bystander.Bystander",
          "application.bystander.Bystander",
          "application.bystander.OpenSkeleton",
          "bootstrap.bystander.Bystander",
          "domain.bystander.Bystander",
          "inflight.bystander.Bystander",
          "proto.bystander.Bystander",
          "proving.bystander.Bystander",
          "settings.bystander.Bystander",
          "testkit.bystander.Bystander");

  private WrongCode() {}

  static Map<String, List<String>> byRule() {
    Map<String, List<String>> wrong = new LinkedHashMap<>();
    boundaries(wrong);
    core(wrong);
    habits(wrong);
    repeatable(wrong);
    return wrong;
  }

  private static void boundaries(Map<String, List<String>> wrong) {
    wrong.put("proto knows only what it may", List.of("proto.KnowsTheDomain"));
    wrong.put(
        "domain knows only what it may",
        List.of(
            "domain.KnowsALogger",
            "domain.KnowsLocks",
            "domain.KnowsTheApplication",
            "domain.KnowsTheFileSystem",
            "domain.KnowsTheStore"));
    wrong.put(
        "application knows only what it may",
        List.of(
            "application.KnowsAnAdapter",
            "application.KnowsAnotherLogger",
            "application.KnowsBootstrap",
            "application.KnowsProto",
            "application.KnowsTheNetwork",
            "application.KnowsTheTestkit"));
    wrong.put("inflight knows only what it may", List.of("inflight.KnowsAnAdapter"));
    wrong.put(
        "adapters.protobuf knows only what it may", List.of("adapters.protobuf.KnowsItsNeighbour"));
    wrong.put("adapters.tls knows only what it may", List.of("adapters.tls.KnowsItsNeighbour"));
    wrong.put("adapters.kafka knows only what it may", List.of("adapters.kafka.KnowsProto"));
    wrong.put("adapters.grpc knows only what it may", List.of("adapters.grpc.KnowsItsNeighbour"));
    wrong.put(
        "adapters.sqlite knows only what it may",
        List.of("adapters.sqlite.KnowsItsNeighbour", "adapters.sqlite.KnowsTheNetwork"));
    wrong.put(
        "adapters.postgres knows only what it may", List.of("adapters.postgres.KnowsItsNeighbour"));
    wrong.put(
        "adapters.metrics knows only what it may", List.of("adapters.metrics.KnowsItsNeighbour"));
    wrong.put("adapters.http knows only what it may", List.of("adapters.http.KnowsItsNeighbour"));
    wrong.put("settings knows only what it may", List.of("settings.KnowsBootstrap"));
    wrong.put("bootstrap knows only what it may", List.of("bootstrap.KnowsTheTestkit"));
    wrong.put("testkit knows only what it may", List.of("testkit.KnowsAnAdapter"));
    wrong.put("embeddedkafka knows only what it may", List.of("embeddedkafka.KnowsProto"));
    wrong.put("embeddedpostgres knows only what it may", List.of("embeddedpostgres.KnowsProto"));
    wrong.put("workload knows only what it may", List.of("workload.KnowsAScenario"));
    wrong.put("proving knows only what it may", List.of("proving.KnowsTheTestkit"));
    wrong.put("fuzzing knows only what it may", List.of("fuzzing.KnowsAScenario"));
    wrong.put("simulation knows only what it may", List.of("simulation.KnowsAScenario"));
    wrong.put(
        "quickstart knows only what it may",
        List.of("quickstart.KnowsAScenario", "quickstart.KnowsBootstrap"));
    wrong.put(
        "benchmarks knows only what it may",
        List.of("benchmarks.KnowsAMock", "benchmarks.KnowsAScenario"));
    wrong.put("SQL has one home", List.of("bootstrap.KnowsDataSources", "bootstrap.KnowsSql"));
    wrong.put("SQLite has one home", List.of("bootstrap.KnowsSqlite"));
    wrong.put("Postgres has one home", List.of("bootstrap.KnowsPostgres"));
    wrong.put("pools of connections are with what they lead to", List.of("bootstrap.KnowsAPool"));
    wrong.put("Kafka has one home", List.of("adapters.sqlite.KnowsKafka"));
    wrong.put("gRPC has one home", List.of("bootstrap.KnowsGrpc"));
    wrong.put(
        "protobuf has two homes",
        List.of("adapters.kafka.KnowsProtobuf", "adapters.kafka.KnowsProto"));
    wrong.put(
        "payload encodings have one home",
        List.of("bootstrap.KnowsMsgpack", "bootstrap.KnowsZstd"));
    wrong.put(
        "metrics have one home", List.of("bootstrap.KnowsPrometheus", "bootstrap.KnowsStatsd"));
    wrong.put("HTTP has one home", List.of("bootstrap.KnowsJetty"));
    wrong.put("error reports have one home", List.of("adapters.metrics.KnowsSentry"));
    wrong.put(
        "only bootstrap wires", List.of("application.KnowsDagger", "application.KnowsInjection"));
    wrong.put(
        "configuration has one home", List.of("adapters.grpc.KnowsYaml", "bootstrap.KnowsYaml"));
    wrong.put(
        "the journal knows nothing of the reference's files",
        List.of("adapters.sqlite.KnowsUpstream"));
    wrong.put(
        "the library of settings knows nothing of ours",
        List.of("settings.reading.KnowsAnAdapter", "settings.reading.KnowsAKey"));
    wrong.put("commands have one home", List.of("adapters.grpc.KnowsTheCommandLine"));
    wrong.put("every class has a module", List.of("elsewhere.Stray"));
    wrong.put("no module is empty", List.of());
    wrong.put(
        "packages form no cycles", List.of("application.first.Forth", "application.second.Back"));
  }

  private static void core(Map<String, List<String>> wrong) {
    wrong.put(
        "only Lifecycle makes transitions",
        List.of("application.MakesATransition", "inflight.MakesATransitionByReference"));
    wrong.put("states are made by Lifecycle or restored", List.of("application.MakesAState"));
    wrong.put("domain values do not change", List.of("domain.ChangesItsMind"));
    wrong.put("ports are interfaces", List.of("adapters.kafka.ExtendsTheCore"));
    wrong.put("ports are small", List.of("application.WidePort"));
    wrong.put("ports declare no checked exceptions", List.of("application.LeakyPort"));
    wrong.put(
        "failures are sealed and unchecked",
        List.of("application.CheckedFailure", "application.LoneFailure"));
  }

  private static void habits(Map<String, List<String>> wrong) {
    wrong.put(
        "time is handed in",
        List.of(
            "adapters.sqlite.ReadsAClock",
            "application.clock.CalendarGetInstance",
            "application.clock.ClockSystem",
            "application.clock.ClockTick",
            "application.clock.InstantNow",
            "application.clock.InstantNowByReference",
            "application.clock.InstantSourceSystem",
            "application.clock.LocalDateTimeNow",
            "application.clock.NewDate",
            "application.clock.NewDateByReference",
            "application.clock.OffsetDateTimeNow",
            "application.clock.SystemCurrentTimeMillis",
            "application.clock.SystemNanoTime",
            "application.clock.SystemNanoTimeByReference",
            "application.clock.ZonedDateTimeNow",
            "domain.ReadsAClock",
            "inflight.ReadsAClock"));
    wrong.put(
        "threads have an owner and a name",
        List.of(
            "application.threads.CommonPool",
            "application.threads.ExecutorWithoutNames",
            "application.threads.IsAThread",
            "application.threads.NamelessPlatform",
            "application.threads.NamelessVirtual",
            "application.threads.NewThread",
            "application.threads.NewThreadByReference",
            "application.threads.NewTimer",
            "application.threads.ParallelSort",
            "application.threads.ParallelStream",
            "application.threads.StartVirtualThread",
            "application.threads.StreamInParallel",
            "application.threads.SupplyAsync",
            "application.threads.ThenApplyAsync",
            "application.threads.VirtualExecutor",
            "inflight.NewThread"));
    wrong.put(
        "nobody writes to the console",
        List.of("adapters.kafka.PrintsAStackTrace", "application.PrintsOut", "domain.PrintsErr"));
    wrong.put("null is marked", List.of("application.unmarked.Unmarked"));
    wrong.put("public classes are final", List.of("application.Open"));
    wrong.put(
        "names say what a thing is",
        List.of(
            "application.names.BaseStore",
            "application.names.PortImpl",
            "application.names.RowDto",
            "application.names.RowHelper",
            "application.names.RowUtil",
            "application.names.RowUtils",
            "application.names.TaskManager"));
  }

  private static void repeatable(Map<String, List<String>> wrong) {
    wrong.put(
        "threads and waiting are handed in",
        List.of(
            "application.waiting.AcquiresASemaphore",
            "application.waiting.AwaitsACondition",
            "application.waiting.AwaitsALatch",
            "application.waiting.AwaitsAMonitor",
            "application.waiting.GetsAFuture",
            "application.waiting.JoinsAFuture",
            "application.waiting.JoinsAFutureByReference",
            "application.waiting.JoinsAThread",
            "application.waiting.KnowsTheSystemsThreads",
            "application.waiting.LocksUntilItMay",
            "application.waiting.OwnsAnExecutor",
            "application.waiting.Parks",
            "application.waiting.PollsAQueue",
            "application.waiting.Sleeps",
            "application.waiting.SleepsByUnit",
            "application.waiting.StartsAThread",
            "application.waiting.TimesOut",
            "domain.Sleeps",
            "inflight.JoinsAThread"));
    wrong.put(
        "what is walked through has an order",
        List.of(
            "application.order.CollectsIntoAMap",
            "application.order.CollectsIntoASet",
            "application.order.CopiesAMap",
            "application.order.CopiesASet",
            "application.order.CopiesASetByReference",
            "application.order.GroupsByHash",
            "application.order.KeepsByHash",
            "application.order.KeysByHash",
            "application.order.KeysByHashByReference",
            "application.order.KeysByIdentity",
            "application.order.KeysConcurrently",
            "application.order.LooksAtAnIdentity",
            "application.order.NamesElements",
            "application.order.NamesEntries",
            "application.order.NamesManyEntries",
            "domain.CopiesASet",
            "inflight.KeysByHash"));
    wrong.put(
        "the core takes no chances",
        List.of(
            "application.DrawsAName",
            "domain.DrawsALot",
            "domain.DrawsAName",
            "domain.FlipsACoin",
            "domain.ThrowsDice",
            "inflight.ThrowsDice"));
  }
}
