#!/usr/bin/perl
# A gateway on Debian's Net::SMPP, which nobody here wrote: what it reads off the wire it prints, one line of JSON for each submit_sm.
# It takes as many submits a second as its second argument says and answers the others with ESME_RTHROTTLED; after as many as the third says it hangs up once.
use strict;
use warnings;
use Net::SMPP;
use JSON::PP;
$| = 1;
my ($port, $per_second, $hang_up_after) = @ARGV;
my $listener = Net::SMPP->new_listen('127.0.0.1', port => $port) or die "cannot listen: $!";
print "ready\n";
my ($taken, $second, $in_second, $hung_up) = (0, 0, 0, 0);

while (my $smpp = $listener->accept) {
    ${*$smpp}{$_} = ${*$listener}{$_} for keys %{*$listener};
    ${*$smpp}{async} = 1;
    while (my $pdu = $smpp->read_pdu) {
        if ($pdu->{cmd} == Net::SMPP::CMD_bind_transceiver) {
            my $good = $pdu->{system_id} eq 'zettai' && $pdu->{password} eq 'mihon';
            $smpp->bind_transceiver_resp(seq => $pdu->{seq}, status => $good ? 0 : 0x0e, system_id => 'perl');
        }
        elsif ($pdu->{cmd} == Net::SMPP::CMD_enquire_link) { $smpp->enquire_link_resp(seq => $pdu->{seq}) }
        elsif ($pdu->{cmd} == Net::SMPP::CMD_unbind) { $smpp->unbind_resp(seq => $pdu->{seq}); last }
        elsif ($pdu->{cmd} == Net::SMPP::CMD_submit_sm) {
            if (time != $second) { ($second, $in_second) = (time, 0) }
            if (++$in_second > $per_second) {
                print encode_json({ throttled => 1 }), "\n";
                $smpp->submit_sm_resp(seq => $pdu->{seq}, status => 0x58, message_id => '');
                next;
            }
            if ($taken == $hang_up_after && !$hung_up++) { print encode_json({ hungUp => 1 }), "\n"; last }
            my $id = sprintf '%08X', ++$taken;
            print encode_json({
                id => $id, to => $pdu->{destination_addr}, from => $pdu->{source_addr}, coding => $pdu->{data_coding},
                class => $pdu->{esm_class}, receipt => $pdu->{registered_delivery}, validity => $pdu->{validity_period},
                octets => unpack('H*', $pdu->{short_message}),
            }), "\n";
            $smpp->submit_sm_resp(seq => $pdu->{seq}, message_id => $id);
            $smpp->deliver_sm(
                source_addr => $pdu->{destination_addr}, destination_addr => $pdu->{source_addr}, esm_class => 4,
                short_message => "id:$id sub:001 dlvrd:001 submit date:2611231200 done date:2611231201 stat:DELIVRD err:000 text:",
            );
        }
    }
    close $smpp;
}
