package io.taskbroker.workload.kafka;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** What one user may do at a Kafka that asks. */
public final class Grants implements AutoCloseable {
  private static final String ANYWHERE = "*";

  private final Admin admin;
  private final String user;

  private Grants(Admin admin, String user) {
    this.admin = admin;
    this.user = user;
  }

  /**
   * @param address where everybody may decide that
   */
  public static Grants at(String address, String user) {
    var admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, address));
    return new Grants(admin, user);
  }

  public void giveTopic(String topic, AclOperation operation) {
    give(ResourceType.TOPIC, topic, operation);
  }

  public void takeTopic(String topic, AclOperation operation) {
    take(ResourceType.TOPIC, topic, operation);
  }

  public void giveGroup(String group) {
    give(ResourceType.GROUP, group, AclOperation.READ);
  }

  public void takeGroup(String group) {
    take(ResourceType.GROUP, group, AclOperation.READ);
  }

  private void give(ResourceType type, String name, AclOperation operation) {
    await(admin.createAcls(List.of(binding(type, name, operation))).all());
  }

  private void take(ResourceType type, String name, AclOperation operation) {
    await(admin.deleteAcls(List.of(binding(type, name, operation).toFilter())).all());
  }

  private AclBinding binding(ResourceType type, String name, AclOperation operation) {
    return new AclBinding(
        new ResourcePattern(type, name, PatternType.LITERAL),
        new AccessControlEntry("User:" + user, ANYWHERE, operation, AclPermissionType.ALLOW));
  }

  private static void await(KafkaFuture<?> future) {
    try {
      future.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot change what a user may do", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    admin.close();
  }
}
