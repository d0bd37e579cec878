package io.taskbroker.adapters.kafka;

import io.taskbroker.embeddedkafka.EmbeddedKafka;
import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.embeddedkafka.KafkaProxy;
import io.taskbroker.embeddedkafka.NodeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests one Kafka, and a proxy before it, which all classes share, since its start takes
 * seconds.
 */
final class SharedKafka implements ParameterResolver {
  private record Running(Path folder, EmbeddedKafka kafka, KafkaProxy proxy, KafkaBench bench)
      implements AutoCloseable {
    static Running start() {
      try {
        Path folder = Files.createTempDirectory("kafka");
        NodeSettings node = NodeSettings.in(folder);
        int inner = FreePorts.any();
        int proxied = FreePorts.any();
        Map<String, String> properties = new HashMap<>(NodeSettings.patient());
        properties.putAll(KafkaProxy.listener(node, inner, proxied));
        EmbeddedKafka kafka = EmbeddedKafka.start(node, properties);
        return new Running(
            folder, kafka, KafkaProxy.start(proxied, inner), new KafkaBench(kafka.address()));
      } catch (IOException e) {
        throw new IllegalStateException("no folder for Kafka", e);
      }
    }

    @Override
    public void close() throws IOException {
      bench.close();
      proxy.close();
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
    Class<?> wanted = parameter.getParameter().getType();
    return wanted == KafkaBench.class || wanted == KafkaProxy.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
    Running running =
        test.getRoot()
            .getStore(Namespace.GLOBAL)
            .getOrComputeIfAbsent(Running.class, _ -> Running.start(), Running.class);
    return parameter.getParameter().getType() == KafkaProxy.class
        ? running.proxy()
        : running.bench();
  }
}
