package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.domain.Moment;
import java.time.Duration;
import java.util.Iterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HealthEndpointTest {
  private static final String CONSUMER_SERVICE = "sentry_protos.taskbroker.v1.ConsumerService";

  private final TestServer broker = new TestServer();
  private final HealthGrpc.HealthBlockingStub client =
      HealthGrpc.newBlockingStub(broker.connect()).withDeadlineAfter(Duration.ofMinutes(1));

  @AfterEach
  void stop() {
    broker.close();
  }

  @Test
  void allIsWell_inTheBeginning() {
    assertThat(check("")).isEqualTo(ServingStatus.SERVING);
    assertThat(check(CONSUMER_SERVICE)).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void check_saysThatTheServiceDrains_butThatTheProcessLives() {
    broker.health.drain();

    assertThat(check("")).isEqualTo(ServingStatus.SERVING);
    assertThat(check(CONSUMER_SERVICE)).isEqualTo(ServingStatus.NOT_SERVING);
  }

  @Test
  void check_noticesALoopThatStandsStill() {
    Moment[] now = {new Moment(0, 0)};
    broker.health.watch(new Heartbeat("upkeep", () -> now[0], Duration.ZERO));
    assertThat(check(CONSUMER_SERVICE)).isEqualTo(ServingStatus.SERVING);

    now[0] = new Moment(0, 5_001);

    assertThat(check(CONSUMER_SERVICE)).isEqualTo(ServingStatus.NOT_SERVING);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"nobody", "sentry_protos.taskbroker.v1.WorkerService", "grpc.health.v1.Health"})
  void otherServices_areNotRegistered(String service) {
    assertThatThrownBy(() -> check(service))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessage("NOT_FOUND: service not registered");
    assertThatThrownBy(() -> client.watch(request(service)).next())
        .hasMessage("NOT_FOUND: service not registered");
  }

  @Test
  void watch_tellsEachChange() {
    Iterator<HealthCheckResponse> changes = client.watch(request(CONSUMER_SERVICE));
    assertThat(changes.next().getStatus()).isEqualTo(ServingStatus.SERVING);

    broker.health.drain();

    assertThat(changes.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
  }

  @Test
  void watch_endsWhenTheServerDoes() {
    Iterator<HealthCheckResponse> service = client.watch(request(CONSUMER_SERVICE));
    Iterator<HealthCheckResponse> overall = client.watch(request(""));
    service.next();
    overall.next();

    broker.server.close();

    assertThatThrownBy(service::next).hasMessageStartingWith("UNAVAILABLE");
    assertThatThrownBy(overall::next).hasMessageStartingWith("UNAVAILABLE");
  }

  private ServingStatus check(String service) {
    return client.check(request(service)).getStatus();
  }

  private static HealthCheckRequest request(String service) {
    return HealthCheckRequest.newBuilder().setService(service).build();
  }
}
