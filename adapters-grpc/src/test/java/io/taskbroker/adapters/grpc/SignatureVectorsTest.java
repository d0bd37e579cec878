package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.grpc.Metadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.yaml.snakeyaml.Yaml;

/** Holds signatures to the vectors that clients are held to, {@code clients/conformance}. */
class SignatureVectorsTest {
  @TestFactory
  Stream<DynamicTest> signatures() throws IOException {
    Path file = Path.of("..", "clients", "conformance", "signature.json");
    List<Map<String, Object>> cases = new Yaml().load(Files.readString(file)); // JSON is YAML
    // How secrets are configured, and refused, is each program's own.
    return cases.stream().filter(c -> !c.containsKey("error")).map(SignatureVectorsTest::test);
  }

  private static DynamicTest test(Map<String, Object> vector) {
    return dynamicTest(
        text(vector, "name"),
        () -> {
          List<String> secrets = new Yaml().load(text(vector, "secrets"));
          String path = text(vector, "path");
          byte[] body = HexFormat.of().parseHex(text(vector, "body_hex"));
          var signatures = new Signatures(secrets);
          if (vector.containsKey("signature")) {
            assertThat(signatures.sign(path, List.of(body))).isEqualTo(vector.get("signature"));
          }
          for (Object valid : listed(vector, "valid")) {
            assertThat(signatures.objection(headers((String) valid), path, body)).isNull();
          }
          for (Object invalid : listed(vector, "invalid")) {
            assertThat(signatures.objection(headers((String) invalid), path, body)).isNotNull();
          }
        });
  }

  private static String text(Map<String, Object> vector, String field) {
    return (String) Objects.requireNonNull(vector.get(field));
  }

  private static List<?> listed(Map<String, Object> vector, String field) {
    return (List<?>) vector.getOrDefault(field, List.of());
  }

  private static Metadata headers(String signature) {
    var headers = new Metadata();
    headers.put(Signatures.HEADER, signature);
    return headers;
  }
}
