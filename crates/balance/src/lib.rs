//! Which of several endpoints a call goes to: balancing strategies, chosen by name, as pure state machines.
