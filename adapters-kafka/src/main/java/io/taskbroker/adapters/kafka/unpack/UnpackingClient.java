package io.taskbroker.adapters.kafka.unpack;

import java.util.List;
import org.apache.kafka.clients.ClientRequest;
import org.apache.kafka.clients.ClientResponse;
import org.apache.kafka.clients.KafkaClient;
import org.apache.kafka.clients.LeastLoadedNode;
import org.apache.kafka.clients.RequestCompletionHandler;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Records;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.FetchResponse;

/**
 * The client's connections to Kafka, where each answer that brings records is made one that is
 * unpacked in our way.
 */
final class UnpackingClient implements KafkaClient {
  private final KafkaClient client;
  private final String clientId;
  private final Metrics metrics;
  private final int limitBytes;
  private final PollBudget budget;
  private final PartitionEnds ends;
  private final Damages damages;

  /**
   * @param clientId under which Kafka knows the client
   * @param metrics of the connections; closed with them
   */
  UnpackingClient(
      KafkaClient client,
      String clientId,
      Metrics metrics,
      int limitBytes,
      PollBudget budget,
      PartitionEnds ends,
      Damages damages) {
    this.client = client;
    this.clientId = clientId;
    this.metrics = metrics;
    this.limitBytes = limitBytes;
    this.budget = budget;
    this.ends = ends;
    this.damages = damages;
  }

  /** The answer is changed before anybody who waits for it sees it. */
  @Override
  public void send(ClientRequest request, long nowMs) {
    client.send(
        new ClientRequest(
            request.destination(),
            request.requestBuilder(),
            request.correlationId(),
            clientId,
            request.createdTimeMs(),
            request.expectResponse(),
            request.requestTimeoutMs(),
            response -> {
              receive(response);
              request.callback().onComplete(response);
            }),
        nowMs);
  }

  private void receive(ClientResponse response) {
    if (response.responseBody() instanceof FetchResponse fetch) {
      boolean hasRecords = false;
      for (FetchableTopicResponse topic : fetch.data().responses()) {
        for (PartitionData partition : topic.partitions()) {
          hasRecords |= receive(partition);
        }
      }
      if (hasRecords) {
        ends.answered(response.destination());
      }
    }
  }

  /** Returns true if it has records. */
  private boolean receive(PartitionData partition) {
    int number = partition.partitionIndex();
    if (isDamaged(Errors.forCode(partition.errorCode()))) {
      damages.note(number, "Kafka itself cannot read it");
      partition.setErrorCode(Errors.NONE.code()).setRecords(MemoryRecords.EMPTY);
      return false;
    }
    ends.note(partition);
    if (partition.records() instanceof Records records) {
      boolean hasRecords = records.sizeInBytes() > 0;
      partition.setRecords(
          new UnpackedFetch(
              records, limitBytes, budget, damages, number, partition.highWatermark()));
      return hasRecords;
    }
    return false;
  }

  /** The client throws out of each poll for these, whatever it has of other partitions. */
  private static boolean isDamaged(Errors error) {
    return error == Errors.CORRUPT_MESSAGE || error == Errors.INVALID_RECORD;
  }

  @Override
  public ClientRequest newClientRequest(
      String nodeId, AbstractRequest.Builder<?> request, long createdMs, boolean expectResponse) {
    return client.newClientRequest(nodeId, request, createdMs, expectResponse);
  }

  @Override
  public ClientRequest newClientRequest(
      String nodeId,
      AbstractRequest.Builder<?> request,
      long createdMs,
      boolean expectResponse,
      int timeoutMs,
      RequestCompletionHandler callback) {
    return client.newClientRequest(nodeId, request, createdMs, expectResponse, timeoutMs, callback);
  }

  @Override
  public boolean isReady(Node node, long nowMs) {
    return client.isReady(node, nowMs);
  }

  @Override
  public boolean ready(Node node, long nowMs) {
    return client.ready(node, nowMs);
  }

  @Override
  public long connectionDelay(Node node, long nowMs) {
    return client.connectionDelay(node, nowMs);
  }

  @Override
  public long pollDelayMs(Node node, long nowMs) {
    return client.pollDelayMs(node, nowMs);
  }

  @Override
  public boolean connectionFailed(Node node) {
    return client.connectionFailed(node);
  }

  @Override
  public AuthenticationException authenticationException(Node node) {
    return client.authenticationException(node);
  }

  @Override
  public List<ClientResponse> poll(long timeoutMs, long nowMs) {
    return client.poll(timeoutMs, nowMs);
  }

  @Override
  public void disconnect(String nodeId) {
    client.disconnect(nodeId);
  }

  @Override
  public void close(String nodeId) {
    client.close(nodeId);
  }

  @Override
  public LeastLoadedNode leastLoadedNode(long nowMs) {
    return client.leastLoadedNode(nowMs);
  }

  @Override
  public int inFlightRequestCount() {
    return client.inFlightRequestCount();
  }

  @Override
  public boolean hasInFlightRequests() {
    return client.hasInFlightRequests();
  }

  @Override
  public int inFlightRequestCount(String nodeId) {
    return client.inFlightRequestCount(nodeId);
  }

  @Override
  public boolean hasInFlightRequests(String nodeId) {
    return client.hasInFlightRequests(nodeId);
  }

  @Override
  public boolean hasReadyNodes(long nowMs) {
    return client.hasReadyNodes(nowMs);
  }

  @Override
  public void wakeup() {
    client.wakeup();
  }

  @Override
  public void initiateClose() {
    client.initiateClose();
  }

  @Override
  public boolean active() {
    return client.active();
  }

  @Override
  public void close() throws java.io.IOException {
    try (metrics) {
      client.close();
    }
  }
}
