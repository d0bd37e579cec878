package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.TemporaryFolder;
import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.Training;
import io.taskbroker.workload.kafka.KafkaProcess;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How long the broker takes to be there. */
@Command(
    name = "start",
    description = {
      "How long the packaged broker takes from its command to the answer SERVING, and from there to"
          + " the end of its first 1,000 tasks.",
      "plain: java @jvm.options -jar; cds: with a class archive that the JVM has made at the end of"
          + " an earlier run; aot: with the cache of a training run; --assembled adds what was"
          + " assembled. Rounds alternate between them. With --command its broker alone, as plain.",
      "Then stores that hold 0, 180,000 and 1,000,000 tasks: until they are read, until the answer"
          + " SERVING, and until a worker has the first one; as --assembled or --command says, or"
          + " else as plain."
    },
    mixinStandardHelpOptions = true)
public final class StartCommand implements Callable<Integer> {
  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "10",
      description = "Starts of each; ${DEFAULT-VALUE} by default.")
  private int rounds;

  @Mixin private BrokerOptions options = new BrokerOptions();

  @Override
  public Integer call() {
    var figures = new Figures(System.out);
    try (var folder = TemporaryFolder.create();
        var kafka = KafkaProcess.start(NodeSettings.in(folder.resolve("kafka")))) {
      figures.remark(
          "broker: -Xmx%s %s; %d processors for broker, load generator and Kafka"
              .formatted(
                  options.heap,
                  String.join(" ", options.jvm),
                  Runtime.getRuntime().availableProcessors()));
      List<Starts> all = variants(folder, kafka);
      try (Rig rig = Rig.of(folder.resolve("broker"), kafka.address(), "start", Map.of())) {
        for (int round = 1; round <= rounds; round++) {
          for (Starts starts : all) {
            figures.remark("round " + round + ": " + starts.measure(rig));
          }
        }
      }
      all.forEach(starts -> starts.addTo(figures, all.getFirst()));
      stored("start.empty", 0).measure(folder.resolve("empty"), kafka.address(), rounds, figures);
      stored("start.180k", 180_000)
          .measure(folder.resolve("180k"), kafka.address(), rounds, figures);
      stored("start.1m", 1_000_000).measure(folder.resolve("1m"), kafka.address(), rounds, figures);
    }
    figures.print();
    return 0;
  }

  private StoredStarts stored(String name, int rows) {
    return new StoredStarts(options::launch, name, rows);
  }

  private List<Starts> variants(TemporaryFolder folder, KafkaProcess kafka) {
    if (options.command != null) {
      return List.of(new Starts("plain", options::launch));
    }
    String archive = folder.resolve("broker.jsa").toString();
    List<String> cds = List.of("-XX:SharedArchiveFile=" + archive, "-XX:+AutoCreateSharedArchive");
    Training.run(kafka, folder.resolve("cds"), with(cds));
    String cache = folder.resolve("broker.aot").toString();
    Training.run(kafka, folder.resolve("aot"), with(List.of("-XX:AOTCacheOutput=" + cache)));
    List<Starts> all = new ArrayList<>();
    all.add(new Starts("plain", with(List.of())));
    all.add(new Starts("cds", with(cds)));
    all.add(new Starts("aot", with(List.of("-XX:AOTCache=" + cache))));
    Path assembled = options.assembled;
    if (assembled != null) {
      all.add(new Starts("assembled", settings -> options.launch(assembled, settings)));
    }
    return all;
  }

  private Function<BrokerSetup, BrokerProcess> with(List<String> more) {
    return settings -> options.launchJar(settings, more);
  }
}
