package lubdub.conformance.motan;

import com.alibaba.fastjson.JSON;
import com.alibaba.fastjson.JSONObject;
import com.weibo.api.motan.config.RegistryConfig;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** A process that holds a Motan server, a Motan client or both, and does what it is told, a line of JSON at a time. */
public final class Life {
    private final JSONObject told;
    private Server server;
    private Client client;

    private Life(JSONObject told) {
        this.told = told;
    }

    public static void main(String[] arguments) throws Exception {
        // Answers alone go to the standard output.
        PrintStream answers = System.out;
        System.setOut(System.err);
        Life life = new Life(JSON.parseObject(arguments[0]));
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        while ((line = orders.readLine()) != null) {
            JSONObject order = JSON.parseObject(line);
            Map<String, Object> answer = new HashMap<>();
            try {
                answer.put("ok", life.follow(order));
            } catch (Exception fault) {
                answer.put("error", fault.toString());
            }
            answers.println(JSON.toJSONString(answer));
            answers.flush();
            if ("stop".equals(order.getString("do"))) {
                break;
            }
        }
        // Motan's threads would go on for ever.
        Runtime.getRuntime().halt(0);
    }

    private Object follow(JSONObject order) {
        switch (order.getString("do")) {
            case "serve" -> server = new Server(registry(), told);
            case "refer" -> client = new Client(registry(), told, order.getString("address"));
            case "turn" -> Server.turn(order.getBooleanValue("on"));
            case "release" -> server.release();
            case "unexport" -> server.stop();
            case "stop" -> { }
            case "serves" -> {
                return Map.of("port", server.port(), "url", server.url());
            }
            case "hanging" -> {
                return server.hanging();
            }
            case "call" -> {
                return client.call(order.getString("text"));
            }
            case "knows" -> {
                return client.knows();
            }
            default -> throw new IllegalArgumentException("unknown order");
        }
        return true;
    }

    /** By Motan's name for its kind: {@code local}, or one of the two for ZooKeeper. */
    private RegistryConfig registry() {
        RegistryConfig registry = new RegistryConfig();
        registry.setRegProtocol(told.getString("kind"));
        if (!"local".equals(told.getString("kind"))) {
            registry.setAddress(told.getString("server"));
            registry.setRegistrySessionTimeout(told.getInteger("ttl") * 1000);
        }
        return registry;
    }
}
