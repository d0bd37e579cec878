package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaClusterSettingsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kafka | [kafka:9092]",
        "kafka:9093 | [kafka:9093]",
        "a, b:1 ,c | [a:9092, b:1, c:9092]",
        "a:1,,b, | [a:1, b:9092]",
        "10.0.0.2 | [10.0.0.2:9092]",
        "[::1] | [[::1]:9092]",
        "[2001:db8::7]:29092 | [[2001:db8::7]:29092]",
        "PLAINTEXT://kafka:9094 | [kafka:9094]",
      })
  void aPortThatIsMissing_is9092(String address, String servers) {
    assertThat(KafkaBench.cluster(address).servers()).hasToString(servers);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", ",", "a b", "kafka:", "kafka:port", "kafka:99999", ":9092"})
  void whatIsNoAddress_isRefused(String address) {
    assertThatThrownBy(() -> KafkaBench.cluster(address))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("address");
  }

  @Test
  void clustersAreTheSame_whenTheirAddressesAreWrittenTheSame() {
    var one = new KafkaClusterSettings("one", "kafka:9092", KafkaSecuritySettings.NONE);
    var two = new KafkaClusterSettings("two", "kafka:9092", KafkaSecuritySettings.NONE);

    assertThat(one.isSameAs(two)).isTrue();
    assertThat(one.isSameAs(KafkaBench.cluster("kafka"))).isFalse();
  }
}
