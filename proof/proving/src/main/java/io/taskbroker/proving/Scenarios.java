package io.taskbroker.proving;

import io.taskbroker.proving.crash.Crash;
import io.taskbroker.proving.exchange.Exchange;
import io.taskbroker.proving.files.ChangedFiles;
import io.taskbroker.proving.files.Full;
import io.taskbroker.proving.hostile.Hostile;
import io.taskbroker.proving.hostile.ManyConnections;
import io.taskbroker.proving.imports.Import;
import io.taskbroker.proving.imports.Migration;
import io.taskbroker.proving.outages.Kill;
import io.taskbroker.proving.outages.Outage;
import io.taskbroker.proving.outages.Rebalance;
import io.taskbroker.proving.outages.Redeliver;
import io.taskbroker.proving.poison.Poison;
import io.taskbroker.proving.powercut.PowerCut;
import io.taskbroker.proving.program.Assembled;
import io.taskbroker.proving.program.Memory;
import io.taskbroker.proving.push.Push;
import io.taskbroker.proving.push.ServiceMesh;
import io.taskbroker.proving.python.PythonKills;
import io.taskbroker.proving.python.PythonPairs;
import io.taskbroker.proving.python.PythonWorkers;
import io.taskbroker.proving.shared.Custody;
import io.taskbroker.proving.shared.PgFaults;
import io.taskbroker.proving.shared.PgPush;
import io.taskbroker.proving.shared.PgRetries;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.tasks.ChangingRules;
import io.taskbroker.proving.tasks.Clock;
import io.taskbroker.proving.tasks.DeadLetter;
import io.taskbroker.proving.tasks.Delay;
import io.taskbroker.proving.tasks.Expiry;
import io.taskbroker.proving.tasks.Fetch;
import io.taskbroker.proving.tasks.Limits;
import io.taskbroker.proving.tasks.Raw;
import io.taskbroker.proving.tasks.Requeue;
import io.taskbroker.proving.tasks.Retry;
import io.taskbroker.proving.tls.Tls;
import java.util.List;
import java.util.Set;

/** All that can be played, in the order in which they are. */
final class Scenarios {
  static final List<Family> FAMILIES =
      List.of(
          Family.of(
              "tasks",
              "what becomes of a task that workers ask for",
              new Fetch(),
              new Retry(),
              new DeadLetter(),
              new Requeue(),
              new Expiry(),
              new Delay(),
              new Clock(),
              new Limits(),
              new ChangingRules(),
              new Raw()),
          Family.of("exchange", "workers that are attached by streams", new Exchange()),
          Family.of("push", "workers that are called", new Push(), new ServiceMesh()),
          Family.of(
              "outages",
              "brokers that are killed, consumer groups that change, Kafka that is away",
              new Kill(),
              new Redeliver(),
              new Rebalance(),
              new Outage()),
          Family.of(
              "shared",
              "brokers that share a Postgres database",
              new Custody(),
              new PgFaults(),
              new PgRetries(),
              new PgPush()),
          Family.of("files", "the store's file and its disk", new Full(), new ChangedFiles()),
          Family.of("poison", "one bad row among good ones", new Poison()),
          Family.of(
              "hostile", "clients and records that attack", new Hostile(), new ManyConnections()),
          Family.of("tls", "certificates of brokers and workers", new Tls()),
          Family.of("imports", "files of the reference", new Import(), new Migration()),
          Family.of("powercut", "the power is cut", new PowerCut()),
          Family.of("crash", "the process ends between any two steps", new Crash()),
          Family.of("program", "the program as it is installed", new Assembled(), new Memory()),
          Family.of(
              "python",
              "the reference's client in Python, and ours",
              new PythonWorkers(),
              new PythonPairs(),
              new PythonKills()));

  /** Those of the short list, which is played before each merge. */
  private static final Set<String> SHORT = Set.of("fetch", "full");

  private Scenarios() {}

  static List<Scenario> all() {
    return FAMILIES.stream().flatMap(family -> family.scenarios().stream()).toList();
  }

  /** Those that are worth playing before each merge, scaled down. */
  static List<Scenario> shortList() {
    return all().stream().filter(Scenarios::isInShortList).toList();
  }

  static boolean isInShortList(Scenario scenario) {
    return SHORT.contains(scenario.name());
  }
}
