package io.taskbroker.adapters.http.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Calls the admin API over a socket of its own, and holds each answer to the document that the API
 * serves.
 */
final class AdminClient {
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  private final int port;
  private final Map<String, Object> contract = AdminClient.contract();
  private final Map<String, String> headers = new LinkedHashMap<>();

  AdminClient(int port) {
    this.port = port;
    headers.put("Host", "127.0.0.1:" + port);
  }

  int port() {
    return port;
  }

  /** An answer whose body is JSON. */
  record Answer(int status, Map<String, String> headers, Map<String, Object> body) {
    @SuppressWarnings("unchecked")
    Map<String, Object> object(String name) {
      return (Map<String, Object>) body.getOrDefault(name, Map.of());
    }

    @SuppressWarnings("unchecked")
    List<Map<String, Object>> list(String name) {
      return (List<Map<String, Object>>) body.getOrDefault(name, List.of());
    }
  }

  static Map<String, Object> contract() {
    try (InputStream text = AdminServer.class.getResourceAsStream("openapi.json")) {
      return Json.readObject(text.readAllBytes());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** From here on each call has this header. */
  AdminClient with(String name, String value) {
    AdminClient other = new AdminClient(port);
    other.headers.putAll(headers);
    other.headers.put(name, value);
    return other;
  }

  AdminClient withToken(String token) {
    return with("Authorization", "Bearer " + token);
  }

  Answer get(String path) {
    return call("GET", path, null);
  }

  Answer post(String path, Object... namesAndValues) {
    return with("Content-Type", headers.getOrDefault("Content-Type", "application/json"))
        .call(
            "POST",
            path,
            new String(Json.write(Json.object(namesAndValues)), StandardCharsets.UTF_8));
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  Answer call(String method, String path, @Nullable String body) {
    Answer answer = send(method, path, body);
    hold(method, path, answer);
    return answer;
  }

  private Answer send(String method, String path, @Nullable String body) {
    byte[] content = body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8);
    StringBuilder head = new StringBuilder("%s %s HTTP/1.1\r\n".formatted(method, path));
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append("Connection: close\r\n");
    if (body != null) {
      head.append("Content-Length: ").append(content.length).append("\r\n");
    }
    head.append("\r\n");
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().write(content);
      socket.getOutputStream().flush();
      return read(socket.getInputStream());
    } catch (IOException e) {
      throw new AssertionError(method + " " + path + " was not answered", e);
    }
  }

  private static Answer read(InputStream in) throws IOException {
    String status = line(in);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    byte[] body = in.readNBytes(length);
    assertThat(headers.get("content-type"))
        .as(new String(body, StandardCharsets.UTF_8))
        .contains("json");
    return new Answer(Integer.parseInt(status.split(" ", -1)[1]), headers, Json.readObject(body));
  }

  static String line(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int letter = in.read(); letter != '\n'; letter = in.read()) {
      if (letter < 0) {
        throw new IOException("the connection ended within a line");
      }
      if (letter != '\r') {
        line.write(letter);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  // ---------------------------------------------------------------- the document

  private void hold(String method, String path, Answer answer) {
    int query = path.indexOf('?');
    String plain = query < 0 ? path : path.substring(0, query);
    if (plain.startsWith(Everybody.PREFIX)) {
      plain = Everybody.PREFIX + "{call}";
    }
    Map<String, Object> schema = schemaOf(plain, method, answer);
    schema.put("components", contract.get("components"));
    Schema held =
        SCHEMAS.getSchema(new String(Json.write(schema), StandardCharsets.UTF_8), InputFormat.JSON);
    String body = new String(Json.write(answer.body()), StandardCharsets.UTF_8);
    assertThat(held.validate(body, InputFormat.JSON)).as("%s %s: %s", method, path, body).isEmpty();
  }

  private Map<String, Object> schemaOf(String path, String method, Answer answer) {
    Map<String, Object> operation =
        within(contract, "paths", path, method.toLowerCase(Locale.ROOT));
    if (operation.isEmpty()) {
      assertThat(answer.status()).isIn(404, 405, 421, 401);
      return new LinkedHashMap<>(within(contract, "components", "schemas", "Problem"));
    }
    Map<String, Object> response = within(operation, "responses", "" + answer.status());
    assertThat(response).as("%s %s says nothing of %d", method, path, answer.status()).isNotEmpty();
    return new LinkedHashMap<>(
        within(response, "content", answer.headers().getOrDefault("content-type", ""), "schema"));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> within(Map<String, Object> from, String... names) {
    Map<String, Object> at = from;
    for (String name : names) {
      at = (Map<String, Object>) at.getOrDefault(name, Map.of());
    }
    return at;
  }
}
