package io.taskbroker.proving.push;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.proving.machine.HostsFile;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.push.Mesh;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A rig whose broker knows its workers by a name, behind which are meshes at 127.0.0.1, 127.0.0.2
 * and so on. All of them lead to one process of workers.
 */
final class MeshRig implements AutoCloseable {
  private static final String NAME = "mesh_workers";
  private static final String HEAP = "512m";

  private final PushRig push;
  private final HostsFile hosts;
  private final List<Mesh> meshes = new ArrayList<>();

  private MeshRig(PushRig push, HostsFile hosts) {
    this.push = push;
    this.hosts = hosts;
  }

  /**
   * @param count of meshes, from 127.0.0.1 on
   * @param further settings of the broker
   */
  static MeshRig on(Stage stage, String topic, int count, Map<String, Object> further) {
    int workersPort = FreePorts.any();
    int meshPort = FreePorts.any();
    var push = PushRig.on(stage, topic, further, workersPort, "http://" + NAME + ":" + meshPort);
    var rig = new MeshRig(push, new HostsFile(stage.folder().resolve(topic + "-hosts"), NAME));
    for (int i = 1; i <= count; i++) {
      rig.meshes.add(Mesh.start(address(i), meshPort, workersPort, stage.seed() + i));
    }
    rig.behindTheName(count);
    return rig;
  }

  private static String address(int number) {
    return "127.0.0." + number;
  }

  /** From here on the name has the addresses of the first {@code count} meshes. */
  void behindTheName(int count) {
    List<String> addresses = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      addresses.add(address(i));
    }
    hosts.addresses(addresses);
  }

  BrokerProcess startBroker() {
    return BrokerProcess.launch(push.rig().settings(), HEAP, List.of(hosts.option()))
        .awaitServing(PushRig.PATIENCE);
  }

  PushRig push() {
    return push;
  }

  Rig rig() {
    return push.rig();
  }

  List<Mesh> meshes() {
    return meshes;
  }

  @Override
  public void close() {
    meshes.forEach(Mesh::close);
    push.close();
  }
}
