package io.taskbroker.adapters.kafka;

import io.taskbroker.embeddedkafka.EmbeddedKafka;
import io.taskbroker.embeddedkafka.NodeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests one Kafka, which all classes share, since its start takes seconds. */
final class SharedKafka implements ParameterResolver {
  private record Running(Path folder, EmbeddedKafka kafka, KafkaBench bench)
      implements AutoCloseable {
    static Running start() {
      try {
        Path folder = Files.createTempDirectory("kafka");
        EmbeddedKafka kafka = EmbeddedKafka.start(NodeSettings.in(folder));
        return new Running(folder, kafka, new KafkaBench(kafka.address()));
      } catch (IOException e) {
        throw new IllegalStateException("no folder for Kafka", e);
      }
    }

    @Override
    public void close() throws IOException {
      bench.close();
      kafka.close();
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
    return parameter.getParameter().getType() == KafkaBench.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
    return test.getRoot()
        .getStore(Namespace.GLOBAL)
        .getOrComputeIfAbsent(Running.class, _ -> Running.start(), Running.class)
        .bench();
  }
}
