package io.taskbroker.endtoend;

import io.taskbroker.embeddedkafka.EmbeddedKafka;
import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.embeddedkafka.NodeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Hands one real Kafka to all tests that ask for a {@link Kafka}; they keep to their own topics.
 */
final class RunningKafka implements ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(RunningKafka.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
    return parameter.getParameter().getType() == Kafka.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
    return test.getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(Kafka.class, _ -> start(), Kafka.class);
  }

  private static Kafka start() {
    try {
      Path folder = Files.createTempDirectory("taskbroker-end-to-end-");
      return EmbeddedKafka.start(NodeSettings.in(folder.resolve("kafka")), NodeSettings.patient());
    } catch (IOException e) {
      throw new IllegalStateException("no folder for Kafka", e);
    }
  }
}
