package lubdub.conformance.motan;

import com.alibaba.fastjson.JSONObject;
import com.weibo.api.motan.common.MotanConstants;
import com.weibo.api.motan.config.ProtocolConfig;
import com.weibo.api.motan.config.RegistryConfig;
import com.weibo.api.motan.config.ServiceConfig;
import com.weibo.api.motan.util.MotanSwitcherUtil;

/** A Motan server, configured as a program configures its own. */
final class Server {
    private final Echoing echoing = new Echoing();
    private final ServiceConfig<Echo> service = new ServiceConfig<>();

    /** Exports the service, on any free port and all addresses: Motan's server knows no other way. */
    Server(RegistryConfig registry, JSONObject told) {
        ProtocolConfig protocol = new ProtocolConfig();
        protocol.setId("motan2");
        protocol.setName("motan2");
        protocol.setMinWorkerThread(told.getInteger("workers"));
        protocol.setMaxWorkerThread(told.getInteger("workers"));
        service.setInterface(Echo.class);
        service.setRef(echoing);
        service.setGroup(told.getString("group"));
        service.setHost(told.getString("host"));
        service.setExport("motan2:0");
        service.setProtocol(protocol);
        service.setRegistry(registry);
        service.export();
    }

    /** Where it listens. */
    int port() {
        return service.getExporters().get(0).getUrl().getPort();
    }

    /** What its registry is told of it. */
    String url() {
        return service.getExporters().get(0).getUrl().toFullStr();
    }

    /** Motan's switch of the whole process: before it is on, whoever is registered is unavailable. */
    static void turn(boolean on) {
        MotanSwitcherUtil.setSwitcherValue(MotanConstants.REGISTRY_HEARTBEAT_SWITCHER, on);
    }

    int hanging() {
        return echoing.hanging();
    }

    void release() {
        echoing.release();
    }

    void stop() {
        service.unexport();
    }
}
