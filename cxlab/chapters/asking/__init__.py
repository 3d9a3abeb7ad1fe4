"""Who could be asked and who answers: contact rules, response, burden, precision."""
