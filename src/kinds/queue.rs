//! `queue`: stores messages for consumers.

use super::Kind;
use super::common::{COMMON, DISK, SERVER};
use super::facets::{Bill, Facets, Rents, Serve, writes};
use super::property::{Property, Type, prop};
use crate::resource::{Acks, Log, MessageDelivery, MessageOrder, Resource, Service, Topic, View, Volume};

static OWN: [Property; 13] = [
    prop("delivery", Type::Word(MessageDelivery::WORDS), "What a consumer can rely on.")
        .default("at_least_once", "what brokers give a consumer that acknowledges after its work"),
    prop("partitions", Type::Count, "Parts that are consumed side by side.").whole(1.0).hole(),
    prop("retention", Type::Time, "How long a message is kept.").positive(),
    prop("dead_letter", Type::Bool, "Whether messages that fail again and again are set aside."),
    prop("max_length", Type::Count, "Messages that wait at most.").whole(1.0),
    prop("ordering", Type::Word(MessageOrder::WORDS), "Which messages arrive in order."),
    prop("acks", Type::Word(Acks::WORDS), "Which copies a publish waits for."),
    prop("min_insync", Type::Count, "Copies in step that a publish needs.").whole(1.0),
    prop("unclean_election", Type::Bool, "Whether a copy that is behind may lead."),
    prop("confirms", Type::Bool, "Whether the broker confirms a publish."),
    prop("max_lag", Type::Time, "Enforced bound on the time from publish to done.").positive(),
    prop("disk", Type::Block(&DISK), "The disk of each broker."),
    prop("nodes", Type::Count, "Brokers: as many as replicas by default.").whole(1.0).hole(),
];

pub(super) static KIND: Kind = Kind {
    name: "queue",
    doc: "A queue or log between services. A flow that starts at it is a consumer group; its rate is what all flows publish there.",
    example: "queue events : kafka { partitions = 24, retention = 7 days, acks = all, min_insync = 2, dead_letter = true }",
    ops: &[writes("publish", "puts a message")],
    groups: &[&OWN, &SERVER, &COMMON],
    facets: Facets {
        serve: Some(Serve::Nodes),
        buffers: true,
        stores: true,
        starts: true,
        bill: Bill::Machines(Rents::Brokers),
        ..Facets::NONE
    },
    engines: super::engines!["kafka"],
    lower,
};

fn lower(view: &View, out: &mut Vec<Resource>) {
    let log = Log {
        min_insync: view.count("min_insync"),
        unclean_election: (view.flag)("unclean_election").unwrap_or(false),
    };
    out.push(super::managed(view, Service::Log(log), 9092));
    out.push(Resource::Volume(Volume { of: view.name.to_owned(), bytes: None }));
    out.push(Resource::Topic(Topic {
        name: view.name.to_owned(),
        broker: view.name.to_owned(),
        partitions: view.count("partitions"),
        replicas: view.replicas,
        retention: (view.number)("retention"),
        dead_letter: (view.flag)("dead_letter").unwrap_or(false),
        ordered: view.word_or("ordering", "none") != "none",
    }));
}
