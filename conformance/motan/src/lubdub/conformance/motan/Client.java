package lubdub.conformance.motan;

import com.alibaba.fastjson.JSONObject;
import com.weibo.api.motan.cluster.support.ClusterSupport;
import com.weibo.api.motan.config.ProtocolConfig;
import com.weibo.api.motan.config.RefererConfig;
import com.weibo.api.motan.config.RegistryConfig;
import com.weibo.api.motan.rpc.Referer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A Motan client, configured as a program configures its own. */
final class Client {
    private final RefererConfig<Echo> referer = new RefererConfig<>();
    private final Echo echo;

    /** Calls an address, or whom the registry names if there is none. */
    Client(RegistryConfig registry, JSONObject told, String address) {
        ProtocolConfig protocol = new ProtocolConfig();
        protocol.setId(told.getString("protocol"));
        protocol.setName(told.getString("protocol"));
        referer.setInterface(Echo.class);
        referer.setGroup(told.getString("group"));
        referer.setProtocol(protocol);
        referer.setRegistry(registry);
        referer.setDirectUrl(address);
        referer.setRequestTimeout(told.getInteger("patience"));
        referer.setRetries(0);
        referer.setCheck("false");
        echo = referer.getRef();
    }

    String call(String text) {
        return echo.echo(text);
    }

    /** By their addresses, whether it finds them able to be called. */
    Map<String, Boolean> knows() {
        Map<String, Boolean> known = new HashMap<>();
        for (ClusterSupport<Echo> support : referer.getClusterSupports()) {
            List<Referer<Echo>> referers = support.getCluster().getReferers();
            for (Referer<Echo> one : referers == null ? List.<Referer<Echo>>of() : referers) {
                known.put(one.getUrl().getServerPortStr(), one.isAvailable());
            }
        }
        return known;
    }
}
