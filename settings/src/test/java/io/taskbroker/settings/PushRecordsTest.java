package io.taskbroker.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.grpc.WorkerAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PushRecordsTest {
  private static final String PUSH =
      """
      kafka_cluster: 127.0.0.1:9092
      delivery_mode: push
      """;

  @Test
  void pullMode_pushesNothing() {
    assertThat(Reading.load("kafka_cluster: 127.0.0.1:9092").settings().push()).isEmpty();
  }

  @Test
  void defaults_areThoseOfTheReference() {
    PushConfig push = push(PUSH);

    assertThat(push.settings().concurrency()).isEqualTo(1);
    assertThat(push.settings().queueSize()).isEqualTo(1);
    assertThat(push.settings().claimBatch()).isEqualTo(1);
    assertThat(push.settings().lease()).isEqualTo(Duration.ofSeconds(67));
    assertThat(push.workers().addresses())
        .isEqualTo(Map.of("sentry", new WorkerAddress("127.0.0.1", 50052)));
    assertThat(push.workers().timeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(push.workers().messageBytes()).isEqualTo(54_525_952);
    assertThat(push.workers().sharedSecrets()).isEmpty();
  }

  @Test
  void everyKey_reachesItsPart() {
    PushConfig push =
        push(
            PUSH
                + """
                grpc_shared_secret: [new, old]
                grpc_max_message_size: 1000
                worker_map: {shop: "http://shop_workers:1", bank: "http://[::1]:2"}
                fetch: {threads: 2, batch_length: 64}
                push:
                  threads: 32
                  timeout: 20s
                  queue: {size: 16, timeout: 1s}
                  update: {batched: true, batch: {length: 9, interval: 200ms}}
                """);

    assertThat(push.settings().concurrency()).isEqualTo(32);
    assertThat(push.settings().queueSize()).isEqualTo(16);
    assertThat(push.settings().claimBatch()).isEqualTo(128);
    assertThat(push.settings().lease())
        .isEqualTo(Duration.ofMillis(64_000 + 40_000 + 10_000 + 200));
    assertThat(push.workers().addresses())
        .isEqualTo(
            Map.of(
                "shop", new WorkerAddress("shop_workers", 1),
                "bank", new WorkerAddress("[::1]", 2)));
    assertThat(push.workers().connections()).isEqualTo(16);
    assertThat(push.workers().messageBytes()).isEqualTo(1000);
    assertThat(push.workers().timeout()).isEqualTo(Duration.ofSeconds(20));
    assertThat(push.workers().sharedSecrets()).isEqualTo(List.of("new", "old"));
  }

  @Test
  void formerNames_reachThemToo() {
    PushConfig push =
        push(
            PUSH
                + """
                fetch_batch_size: 10
                push_threads: 1
                push_queue_size: 1
                push_timeout_ms: 1000
                push_queue_timeout_ms: 200
                batch_push_updates: false
                """);

    assertThat(push.settings().claimBatch()).isEqualTo(10);
    assertThat(push.settings().lease()).isEqualTo(Duration.ofSeconds(6));
    assertThat(push.workers().timeout()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void anAddressThatIsNone_isRefused() {
    assertThat(Reading.load(PUSH + "worker_map: {a: \"ftp://a:1\"}").problems())
        .singleElement()
        .asString()
        .contains("worker_map", "http://worker:50052");
  }

  @Test
  void anAddressWhoseCertificateCannotBeChecked_isRefused() {
    assertThat(Reading.load(PUSH + "worker_map: {a: \"https://my_workers:1\"}").problems())
        .singleElement()
        .asString()
        .contains("worker_map", "underscore", "certificate");
  }

  private static PushConfig push(String yaml) {
    return Reading.load(yaml).settings().push().orElseThrow();
  }
}
