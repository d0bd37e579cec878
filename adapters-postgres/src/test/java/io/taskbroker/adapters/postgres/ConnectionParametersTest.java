package io.taskbroker.adapters.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionParametersTest {
  @ParameterizedTest
  @CsvSource({
    "sslmode=require, sslmode, require",
    "ssl-mode=verify-full, sslmode, verify-full",
    "ssl-ca=/a/b%20c.pem, sslrootcert, /a/b c.pem",
    "ssl-root-cert=/r.pem, sslrootcert, /r.pem",
    "ssl-cert=/c.pem, sslcert, /c.pem",
    "sslkey=/k.pem, sslkey, /k.pem",
    "application_name=a%26b, application_name, a&b",
    "statement-cache-capacity=0, statement-cache-capacity, 0",
    "options[search_path]=x, options, -c search_path=x",
    "options[a]=x%20y&options[b]=2, options, -c a=x\\ y -c b=2",
    "options=-c%20a%3D1&options[b]=2, options, -c a=1 -c b=2",
    "sslmode=disable&sslmode=prefer, sslmode, prefer"
  })
  void aParameterIsKnownByEachOfItsNames(String text, String name, String value) {
    assertThat(parse(text).get(name)).isEqualTo(value);
  }

  @Test
  void theEnvironmentSuppliesWhatTheTextDoesNot() {
    Map<String, String> environment =
        Map.of(
            "PGSSLMODE", "require",
            "PGSSLROOTCERT", "/r",
            "PGSSLCERT", "/c",
            "PGSSLKEY", "/k",
            "PGAPPNAME", "them",
            "PGOPTIONS", "-c a=1",
            "PGHOST", "elsewhere",
            "PGPASSWORD", "other");

    ConnectionParameters parameters =
        ConnectionParameters.parse("application_name=me").over(environment);

    assertThat(parameters.get("sslmode")).isEqualTo("require");
    assertThat(parameters.get("sslrootcert")).isEqualTo("/r");
    assertThat(parameters.get("sslcert")).isEqualTo("/c");
    assertThat(parameters.get("sslkey")).isEqualTo("/k");
    assertThat(parameters.get("application_name")).isEqualTo("me");
    assertThat(parameters.get("options")).isEqualTo("-c a=1");
    assertThat(parameters.overriding(new Login("u", "p"))).isEqualTo(new Login("u", "p"));
  }

  @Test
  void placeAndLoginCanBeOverridden_butNotTheDatabase() {
    ConnectionParameters parameters =
        parse("hostaddr=10.0.0.1&port=6432&dbname=x&user=u2&password=p%26");

    assertThat(parameters.overriding(new PostgresPlace("h", 1, "d", "postgres")))
        .isEqualTo(new PostgresPlace("10.0.0.1", 6432, "d", "postgres"));
    assertThat(parameters.overriding(new Login("u", "p"))).isEqualTo(new Login("u2", "p&"));
  }

  @Test
  void whatNobodyKnowsIsNamed_andNoValueIsPrinted() {
    ConnectionParameters parameters = parse("sslMode=require&password=secret&keepalives=1");

    assertThat(parameters.unknownNames()).containsExactly("sslMode", "keepalives");
    assertThat(parameters.toString()).doesNotContain("secret").contains("password");
    assertThat(new Login("u", "secret").toString()).doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sslmode", "sslmode=always", "port=x", "a=%zz", "options[x]"})
  void whatIsMalformedIsRefused_byName(String text) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching("(?s).*(sslmode|port|percent|options).*");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "&"})
  void noParametersAreNone(@Nullable String text) {
    assertThat(parse(text).unknownNames()).isEmpty();
    assertThat(parse(text).get("sslmode")).isNull();
  }

  @Test
  void aFolderOfSocketsIsRefusedInWords() {
    assertThatThrownBy(() -> new PostgresPlace("/var/run/postgresql", 5432, "d", "postgres"))
        .hasMessageContaining("Unix socket")
        .hasMessageContaining("Name a host");
  }

  @Test
  void hostsMayHaveBlanksBetweenThem_andNoPorts() {
    assertThat(new PostgresPlace("a, b ,::1", 5432, "d", "postgres").hosts())
        .containsExactly("a", "b", "::1");
    for (String hosts : List.of("h1:5432,h2:5432", "h1,[::1]:5432", "h1:")) {
      assertThatThrownBy(() -> new PostgresPlace(hosts, 5432, "d", "postgres"))
          .hasMessageContaining("store.pg.port")
          .hasMessageContaining("same one");
    }
    assertThatThrownBy(() -> new PostgresPlace("h1,,h2", 5432, "d", "postgres"))
        .hasMessageContaining("must not be empty");
  }

  private static ConnectionParameters parse(@Nullable String text) {
    return ConnectionParameters.parse(text);
  }
}
